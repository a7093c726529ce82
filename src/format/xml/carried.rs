//! XML that documents and pictures carry: metadata (XMP) and forms (XFA).

use super::{Event, Tag, Xml};

/// Namespaces of XMP that tell how a file was made, not what it is about.
const TECHNICAL: [&str; 15] = [
    "rdf",
    "xmlns",
    "xml",
    "xmp",
    "xap",
    "xmpMM",
    "xapMM",
    "xmpTPg",
    "stEvt",
    "pdfaid",
    "pdfuaid",
    "pdfaExtension",
    "pdfd",
    "desc",
    "xfa",
];

/// Properties that do so in other namespaces.
const TECHNICAL_PROPERTIES: [&str; 6] =
    ["pdf:Producer", "pdf:PDFVersion", "pdf:Trapped", "dc:format", "dc:date", "dc:language"];

/// Parts of a form that hold no words for a person.
const MACHINERY: [&str; 6] = ["script", "config", "localeSet", "connectionSet", "sourceSet", "xmpmeta"];

/// Names and values of XMP properties that say what a document is about.
pub fn properties(xmp: &str) -> Vec<(String, String)> {
    let mut properties = Vec::new();
    read(xmp, |path, text| {
        let description = path.iter().rposition(|name| name == "rdf:Description");
        let property = description.and_then(|index| path.get(index + 1));
        if let Some(name) = property.filter(|name| is_telling(name)) {
            properties.push((local(name).to_owned(), text.to_owned()));
        }
    });
    properties
}

/// Names and values of what a form holds: its data, and the words around them.
pub fn form(xfa: &str) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    read(xfa, |path, text| {
        let machinery = path.iter().any(|name| MACHINERY.contains(&local(name)));
        if let Some(name) = path.last().filter(|_| !machinery) {
            fields.push((local(name).to_owned(), text.to_owned()));
        }
    });
    fields
}

fn is_telling(property: &str) -> bool {
    let namespace = property.split_once(':').map_or("", |(namespace, _)| namespace);
    !TECHNICAL.contains(&namespace) && !TECHNICAL_PROPERTIES.contains(&property)
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// Gives each text with the names of the elements around it, outermost first. A value of XMP may also be an attribute;
/// those of descriptions are given as elements of their name. What does not hold ends the reading.
fn read(xml: &str, mut give: impl FnMut(&[String], &str)) {
    let mut reader = Xml::new(xml.as_bytes());
    let mut path: Vec<String> = Vec::new();
    let mut text = String::new();
    loop {
        let event = reader.next();
        match event {
            Ok(Some(Event::Text(piece))) => {
                text.push_str(piece);
                continue;
            }
            Ok(Some(Event::Other)) => continue,
            _ => {}
        }
        if !text.trim().is_empty() {
            give(&path, text.trim());
        }
        text.clear();
        match event {
            Ok(Some(Event::Start(tag))) => {
                path.push(if tag.prefix.is_empty() {
                    tag.name.to_owned()
                } else {
                    format!("{}:{}", tag.prefix, tag.name)
                });
                attributes(&tag, &mut path, &mut give);
            }
            Ok(Some(Event::End(_))) => drop(path.pop()),
            _ => return,
        }
    }
}

fn attributes(tag: &Tag<'_>, path: &mut Vec<String>, give: &mut impl FnMut(&[String], &str)) {
    if path.last().is_none_or(|name| name != "rdf:Description") {
        return;
    }
    for (name, value) in tag.prefixed_attributes() {
        path.push(name.to_owned());
        give(path, &value);
        path.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn metadata_tells_what_it_is_about_not_how_it_was_made() {
        let xmp = r#"<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>
            <rdf:Description rdf:about="" pdf:Producer="x" pdf:Keywords="070761-4285" xmp:CreatorTool="y"/>
            <rdf:Description><dc:title><rdf:Alt><rdf:li xml:lang="x-default">Børn &amp; unge</rdf:li></rdf:Alt></dc:title>
            <xmpMM:DocumentID>uuid:1</xmpMM:DocumentID></rdf:Description></rdf:RDF></x:xmpmeta>"#;
        assert_eq!(properties(xmp), pairs(&[("Keywords", "070761-4285"), ("title", "Børn & unge")]));
    }

    #[test]
    fn a_form_gives_its_data_by_name_and_no_script() {
        let xfa = "<xdp:xdp><template><script>a = 1;</script></template><xfa:datasets><xfa:data><form1>
            <Cpr>070761-4285</Cpr></form1></xfa:data></xfa:datasets></xdp:xdp>";
        assert_eq!(form(xfa), pairs(&[("Cpr", "070761-4285")]));
    }

    #[test]
    fn what_stood_before_broken_markup_is_given() {
        assert_eq!(form("<a><b>1</b><c>2</c><d <"), pairs(&[("b", "1"), ("c", "2")]));
    }
}
