//! What control words mean for the text.

/// What a control word says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// This character.
    Character(char),
    Paragraph,
    Cell,
    NestedCell,
    Row,
    NestedRow,
    RowDefinition,
    /// Properties of paragraphs or of characters are as ever again.
    PlainParagraph,
    Plain,
    InTable,
    TableLevel,
    Deleted,
    Unicode,
    UnicodeBytes,
    /// So many bytes follow as they are.
    Binary,
    CodePage,
    Macintosh,
    Dos,
    Font,
    DefaultFont,
    FontCharset,
    FontCodePage,
    /// The text is that of an html file.
    FromHtml,
    /// Text for readers that do not know html.
    NotHtml,
    /// What follows in the group is of this kind.
    Group(Destination),
}

/// What a group holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Text where it stands.
    Shown,
    /// Text beside the running text, given as this field.
    Aside(&'static str),
    /// An instruction beside the text that it gives.
    Apart,
    /// Groups of which some hold text, and no text of its own.
    Holder,
    /// Nothing to read at all.
    Nothing,
    Fonts,
    /// The name of a property of a shape, or of the document.
    Name,
    /// The value of a property of a shape.
    ShapeValue,
    /// The value of a property of the document.
    Value,
    Object,
    ObjectClass,
    HtmlTag,
    Shape,
    /// What old programs draw in place of a shape: its text once more.
    ShapeResult,
    /// The same as ANSI and as Unicode: the first group is passed over.
    Twice,
}

/// What the word says; none when it says nothing about the text.
#[rustfmt::skip]
pub fn meaning(name: &[u8]) -> Option<Word> {
    use Destination::*;
    use Word::*;
    Some(match name {
        b"par" | b"sect" | b"page" | b"column" => Paragraph,
        b"line" | b"softline" | b"lbr" => Character('\n'),
        b"tab" => Character('\t'),
        b"emspace" | b"enspace" | b"qmspace" => Character(' '),
        b"emdash" => Character('—'),
        b"endash" => Character('–'),
        b"bullet" => Character('•'),
        b"lquote" => Character('‘'),
        b"rquote" => Character('’'),
        b"ldblquote" => Character('“'),
        b"rdblquote" => Character('”'),
        b"cell" => Cell,
        b"nestcell" => NestedCell,
        b"row" => Row,
        b"nestrow" => NestedRow,
        b"trowd" => RowDefinition,
        b"pard" => PlainParagraph,
        b"plain" => Plain,
        b"intbl" => InTable,
        b"itap" => TableLevel,
        b"deleted" => Deleted,
        b"u" => Unicode,
        b"uc" => UnicodeBytes,
        b"bin" => Binary,
        b"ansicpg" => CodePage,
        b"mac" => Macintosh,
        b"pc" | b"pca" => Dos,
        b"f" => Font,
        b"deff" => DefaultFont,
        b"fcharset" => FontCharset,
        b"cpg" => FontCodePage,
        b"fromhtml" => FromHtml,
        b"htmlrtf" => NotHtml,
        b"fonttbl" => Group(Fonts),
        b"colortbl" | b"stylesheet" | b"listtable" | b"listoverridetable" | b"nonesttables" | b"nonshppict" | b"rsidtbl"
        | b"revtbl" | b"filetbl" | b"themedata" | b"colorschememapping" | b"datastore" | b"latentstyles" | b"generator"
        | b"ftnsep" | b"ftnsepc" | b"aftnsep" | b"aftnsepc" | b"ftncn" | b"aftncn" | b"bkmkstart" | b"bkmkend" | b"datafield"
        | b"mmathPr" | b"creatim" | b"revtim" | b"printim" | b"buptim" | b"linkval" | b"atnid" | b"atnref" | b"atndate"
        | b"atntime" | b"atrfstart" | b"atrfend" | b"blipuid" | b"objalias" | b"objsect" | b"objname" | b"panose" | b"falt"
        | b"fontemb" | b"ctrlPr" | b"mhtmltag" => Group(Nothing),
        b"info" | b"pict" | b"shpinst" | b"shppict" | b"formfield" | b"docvars" => Group(Holder),
        b"title" | b"subject" | b"author" | b"manager" | b"company" | b"operator" | b"category" | b"keywords" | b"comment"
        | b"doccomm" | b"hlinkbase" => Group(Aside("document property")),
        b"userprops" | b"picprop" | b"sp" => Group(Holder),
        b"staticval" => Group(Value),
        b"docvar" => Group(Aside("document variable")),
        b"header" | b"headerl" | b"headerr" | b"headerf" => Group(Aside("header")),
        b"footer" | b"footerl" | b"footerr" | b"footerf" => Group(Aside("footer")),
        b"footnote" => Group(Aside("footnote")),
        b"annotation" => Group(Aside("comment")),
        b"atnauthor" => Group(Aside("comment author")),
        b"shptxt" | b"dptxbxtext" => Group(Aside("text box")),
        b"ffdeftext" | b"ffl" | b"ffhelptext" | b"ffstattext" => Group(Aside("form field")),
        b"hlsrc" | b"hlfr" | b"hlloc" | b"template" => Group(Aside("hyperlink")),
        b"sn" | b"propname" => Group(Name),
        b"sv" => Group(ShapeValue),
        b"fldinst" | b"xe" | b"tc" | b"tcn" | b"rxe" => Group(Apart),
        b"objdata" => Group(Object),
        b"objclass" => Group(ObjectClass),
        b"htmltag" => Group(HtmlTag),
        b"shp" => Group(Shape),
        b"shprslt" => Group(ShapeResult),
        b"upr" => Group(Twice),
        b"fldrslt" | b"result" | b"listtext" | b"pntext" | b"ud" | b"nesttableprops" | b"moMath" | b"moMathPara" | b"mmath"
        | b"background" | b"do" | b"shpgrp" | b"hl" | b"txfieldtext" => Group(Shown),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_from_their_beginnings() {
        assert_eq!(meaning(b"cell"), Some(Word::Cell));
        assert_eq!(meaning(b"cellx"), None);
        assert_eq!(meaning(b"header"), Some(Word::Group(Destination::Aside("header"))));
        assert_eq!(meaning(b"headery"), None);
    }
}
