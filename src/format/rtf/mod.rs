//! Rich text: what Word, Outlook, journal systems and WordPad write.
//!
//! Read as a stream, without recursion, by Rich Text Format Specification 1.9.1. What stands beside the running text is
//! kept and given behind it.

mod charset;
mod object;
mod reader;
mod row;
mod token;
mod word;

use super::{Format, Input, Output, Reading, Weight};

pub const FORMAT: Format = Format {
    name: "rtf",
    version: 1,
    weight: Weight::Small,
    reads: "text with tables, headers, footers, footnotes, comments, text boxes, deleted and hidden text, fields, properties, variables, alternative text, embedded files, the html of a mail",
    leaves: "pictures, styles",
    recognise,
    read,
};

fn recognise(input: &mut Input<'_>) -> bool {
    let head = input.head();
    let head = head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(head);
    head.trim_ascii_start().starts_with(b"{\\rtf")
}

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    reader::read(input.reader(), output)
}

#[cfg(test)]
mod tests {
    use super::super::ooxml::sample::{Told, survives, told};

    fn read(body: &str) -> Told {
        let text = format!(
            "{{\\rtf1\\ansi\\ansicpg1252\\deff0{{\\fonttbl{{\\f0 Arial;}}{{\\f1\\fcharset238 Arial;}}}}{body}}}"
        );
        let told = told(text.into_bytes());
        assert_eq!(told.format, "rtf");
        told
    }

    fn lines(body: &str) -> Vec<String> {
        let told = read(body);
        assert_eq!(told.problems, Vec::<String>::new(), "{body}");
        told.lines
    }

    #[test]
    fn a_number_split_over_groups_is_one_number() {
        for split in [
            "0707{\\b 61}-4285",
            "070761\\_{\\rtlch 42}\r\n85",
            "{\\v 070761}-42\\u56?5",
            "07{\\*\\bkmkstart x1}0761-4285",
        ] {
            assert_eq!(lines(split), ["paragraph 1: 070761-4285"], "{split}");
        }
    }

    #[test]
    fn characters_are_those_of_the_font_and_fallbacks_are_passed_over() {
        assert_eq!(lines("\\'e6\\'f8\\f1\\'e8\\plain\\'e8"), ["paragraph 1: æøčè"]);
        assert_eq!(lines("{\\uc2\\u230 aex}\\u-10179?\\u-8704?\\uc0\\u248 y"), ["paragraph 1: æx😀øy"]);
        assert_eq!(lines("\\uc1\\u230\\'e6{\\uc0\\u230}1\\uc1\\u230 {2}"), ["paragraph 1: ææ1æ2"]);
    }

    #[test]
    fn nothing_that_is_broken_ends_the_program() {
        let body = "{\\rtf1\\ansi{\\fonttbl{\\f1\\fcharset128 A;}}{\\info{\\title \\f1\\'82\\'a0}}\
                        \\trowd\\intbl\\uc2\\u-10179 ab\\u56832cd\\cell\\row\
                    {\\object{\\*\\objdata 0105000002000000}}{\\*\\shpinst{\\sp{\\sn wzName}{\\sv b.jpg}}}\
                        {\\upr{a}{\\*\\ud b}}\\bin3 }}}{\\footnote c}\\fromhtml1{\\*\\htmltag <p>}d}";
        survives(super::FORMAT.read, body.as_bytes());
    }

    #[test]
    fn cells_know_their_row_and_column() {
        let body = "\\trowd\\pard\\intbl Navn\\cell Cpr\\par nr.\\cell\\row\\trowd Karla\\cell\\pard\\intbl\\itap2 x\\nestcell\
                    {\\*\\nesttableprops\\trowd\\nestrow}{\\nonesttables\\par y}\
                        \\pard\\intbl 070761-4285\\cell\\row\\pard z\\par";
        let told = read(body);
        let shown: Vec<&str> = told.lines.iter().map(|line| line.split_once(": ").unwrap().1).collect();
        assert_eq!(shown, ["Navn", "Cpr\nnr.", "Karla", "x", "070761-4285", "z"]);
        assert_eq!(told.cells, [(1, 1, 1), (1, 1, 2), (1, 2, 1), (2, 1, 1), (1, 2, 2)]);
    }

    #[test]
    fn what_stands_beside_the_text_does_not_part_it() {
        let body = "{\\info{\\title T}{\\*\\company K}{\\nofpages7}}{\\header {\\b H}\\par}\
                    070761{\\super\\chftn{\\footnote F\\par}}\
                    {\\*\\atnauthor A}{\\*\\annotation{\\*\\atndate 123}C}-4285{\\*\\unknown 9}";
        assert_eq!(
            lines(body),
            [
                "paragraph 1: 070761-4285",
                "comment › paragraph 1: C",
                "comment author › paragraph 1: A",
                "document property › paragraph 1: T",
                "document property › paragraph 1: K",
                "footnote › paragraph 1: F",
                "header › paragraph 1: H",
            ]
        );
    }

    #[test]
    fn what_was_deleted_and_instructions_stand_apart() {
        let body = "070761-{\\deleted 070761}{\\field{\\*\\fldinst MERGEFIELD x}{\\fldrslt 42}}85";
        assert_eq!(lines(body), ["paragraph 1: 070761-4285\n070761\nMERGEFIELD x"]);
    }

    #[test]
    fn the_page_that_a_mail_stands_for_is_read() {
        let body = "\\fromhtml1 {\\*\\htmltag64 <p title=\"T\">}\\htmlrtf {\\htmlrtf0 070761{\\*\\htmltag84 <b>}\
                        \\htmlrtf \\b x\\htmlrtf0 -4285\\par {\\*\\mhtmltag y}{\\*\\htmltag <td>}\
                        B\\'f8rn\\htmlrtf }\\htmlrtf0";
        assert_eq!(lines(body), ["line 1: 070761-4285\nT", "line 2: Børn"]);
    }

    #[test]
    fn shapes_give_their_text_and_what_is_said_of_them() {
        let body = "{\\shp{\\*\\shpinst{\\sp{\\sn wzDescription}{\\sv Karla}}{\\sp{\\sn dx}{\\sv 123456}}\
                    {\\shptxt In it\\par}}\
                    {\\shprslt In it}}{\\*\\shppict{\\pict{\\*\\picprop{\\sp{\\sn wzDescription}{\\sv Lars}}}\\bin3 }}{0102}}x";
        assert_eq!(
            lines(body),
            [
                "paragraph 1: x",
                "alternative text › paragraph 1: Karla",
                "alternative text › paragraph 1: Lars",
                "text box › paragraph 1: In it",
            ]
        );
    }

    #[test]
    fn embedded_files_are_read() {
        let object = "01050000 02000000 02000000 4100 00000000 00000000 0b000000 3037303736312d34323835";
        let body = format!("{{\\object{{\\*\\objclass A}}{{\\*\\objdata {object}}}{{\\result r}}}}");
        assert_eq!(lines(&body), ["A › name: A", "070761-4285", "paragraph 1: r"]);
    }

    #[test]
    fn what_stood_before_a_break_is_given() {
        let told = told(b"{\\rtf1 {\\b 070761-4285".to_vec());
        assert_eq!(told.lines, ["paragraph 1: 070761-4285"]);
        assert_eq!(told.problems, ["whole: Damaged"]);
    }

    #[test]
    fn groups_without_end_and_absurd_lengths_cost_nothing() {
        let deep = "{\\b ".repeat(300_000) + "x" + &"}".repeat(300_000);
        assert_eq!(lines(&deep), ["paragraph 1: x"]);
        assert_eq!(read("x\\bin99999999999999999999 y").lines, ["paragraph 1: x"]);
        assert_eq!(lines("x\\bin-1 y\\uc-5\\u5"), ["paragraph 1: xy\u{5}"]);
    }
}
