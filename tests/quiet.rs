//! Passing over markup in which no number stands changes nothing of what is found: what a careful reading finds, which
//! passes over nothing, a quick one finds too, at the same places and for the same reasons.

use std::sync::Arc;

use jiff::civil::Date;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use sporhund::detect::{Detector, Hit, Rules};
use sporhund::format::{Input, Limits, Output, Resume, Summary};
use sporhund::model::{Evidence, Identifier, Location, Sink, Text};

/// A hit: where, who and why.
type Told = (Location, Identifier, Vec<Evidence>);

fn told(hit: Hit<'_>) -> Told {
    let evidence = hit.evidence();
    (hit.location, hit.identifier, evidence)
}

/// Searches what it is given.
struct Searched<'r> {
    detector: Detector<'r>,
    hits: Vec<Told>,
    bytes: usize,
}

impl Sink for Searched<'_> {
    fn text(&mut self, text: &Text<'_>) {
        self.bytes += text.own.len();
        self.detector.text(text, |hit| self.hits.push(told(hit)));
    }
}

/// What is found in a document and what is known of it, and how many bytes were searched.
fn found(document: &str, rules: &Rules, careful: bool) -> ((Vec<Told>, Summary), usize) {
    let detector = Detector::new(rules, Date::constant(2026, 9, 1));
    let mut searched = Searched { detector, hits: Vec::new(), bytes: 0 };
    let limits = Limits::for_size(document.len() as u64, Arc::default());
    let output = Output::new(&mut searched, &limits).resume(Resume { careful, ..Resume::default() });
    let (_, summary) = output.read(&mut Input::bytes(document.into()));
    let Searched { mut detector, mut hits, bytes } = searched;
    detector.finish(|hit| hits.push(told(hit)));
    ((hits, summary), bytes)
}

/// Lines in which no number stands.
const QUIET: [&str; 10] = [
    "  <record id=\"673991\" type=\"brev\"><name>Hanne Ågård</name><amount>9428.47</amount></record>\n",
    "<div class=\"c27\"><p style=\"margin:0px\">ord efter ord</p><a href=\"https://x.dk/by/80879\">år</a></div>\n",
    "<!-- møde om 12 ting -->\n",
    "<li>A &amp; B</li><li title='Nr 7'>Den 4. maj 2023</li>\n",
    "<post>\n  <kode navn=\"Art\">1234</kode>\n  <id>5</id>\n  <x:dato>2023-05-04</x:dato></post>\n",
    "<p>en <b>to</b> tre <em>4</em> <br/>fem</p>\n",
    "<p>&nbsp;</p>\n",
    "<p>\u{a0}</p>\n",
    "<a b=1 c='x'/>\n",
    "<a xmlns d='x'/>\n",
];

/// What numbers, and what seems to be numbers, are made of where markup stands between.
#[rustfmt::skip]
const LOUD: &[&str] = &[
    "070761-4285", "0707614285", "070761", "-4285", "4285", "07", "61", "-", " ", "\n", "kr ", "år", "CPR ", ":", "%2D",
    "\\u002d", "=2D", "=", "\u{ff11}", "<p>CPR-nummer:</p>\n", "<!-- CPR -->\n", "<!-- 0707614285 -->\n", "<p>0707614285</p>\n", "\u{1f}", "\u{ad}", "\u{2010}", "\"", ".", "0", "1112223334", "&#52;", "&#x2d;", "&amp;",
    "&nbsp;", "&shy;", "&ndash;", "<a>", "</a>", "<b>", "</b>", "<name>", "</name>", "<Id>", "</Id>", "<p>", "</p>", "<br>",
    "<v x=\"070761-\">", "<v n='4285'/>", "<v title='4285'>", "<v id=4285>", "<v 4285=\"x\">", "</v>", "<felt navn=\"4285\">",
    "<felt navn='070761-'>", "</felt>", "<cpr070761>", "</cpr070761>", "<4285>", "</4285>", "<abc4285:id>", "</abc4285:id>",
    "<!-- 4285 -->", "<!--070761- -->", "<!-->", "<!--", "-->", "<![CDATA[61-4285]]>", "<![CDATA[", "]]>", "<?x 070761-?>",
    "<table>", "</table>", "<tr>", "<td>", "<td>070761</td><td>4285</td>", "<th>CPR</th>", "<script>", "</script>", "<pre>",
    "</pre>", "<sup>", "<input value='070761'>", "<input name='4285' value='x'>", "<meta name='4285' content='x'>", "<", ">",
    "<m:AlternateContent><m:Choice>", "</m:Choice></m:AlternateContent>", "<data-4285 data-4285='x'>", "<a href='>'>", "'",
];

/// Halves of numbers in pieces of markup, which alone are none.
#[rustfmt::skip]
const HALVES: &[&str] = &[
    "070761-", "0707", "61-4285", "4285", "<b>", "</b>", "<i>4285</i>", "<b>61-4285</b>", " ", "</p>", "<p>", "</p><p>",
    "<br/>", "<v x=\"070761-\"/>", "<v title=\"4285\">", "</v>", "<!-- 4285 -->", "<!-- 070761- -->", "ord",
];

fn stretch() -> impl Strategy<Value = String> {
    let quiet = vec(select(&QUIET[..]), 1..90).prop_map(|lines| lines.concat());
    let same = (select(&QUIET[..]), 20..60_usize).prop_map(|(line, times)| line.repeat(times));
    let loud = vec(select(LOUD), 1..8).prop_map(|pieces| pieces.concat());
    let wrapped = vec(select(LOUD), 1..6).prop_map(|pieces| format!("<x>{}</x>\n", pieces.concat()));
    prop_oneof![2 => quiet, 1 => same, 3 => loud, 2 => wrapped]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn what_is_passed_over_held_no_number(
        begin in select(&["<?xml version='1.0'?><alle>", "<!DOCTYPE html><html>", "<html><body>070761-4285<p>", "<?xml?><a>"][..]),
        stretches in vec(stretch(), 2..9),
    ) {
        let document = format!("{begin}{}", stretches.concat());
        let rules = Rules::built_in();
        let (quick, _) = found(&document, &rules, false);
        let (careful, _) = found(&document, &rules, true);
        prop_assert_eq!(quick, careful);
    }
}

#[test]
fn halves_of_numbers_that_markup_joins_are_found() {
    let rules = Rules::built_in();
    let mut numbers = 0;
    for (begin, line) in [("<?xml version='1.0'?><alle>", QUIET[0]), ("<!DOCTYPE html><html>", QUIET[1])] {
        let quiet = line.repeat(20);
        for first in HALVES {
            for between in ["", "</p><p>"] {
                let pairs = HALVES.iter().map(|second| format!("{quiet}<p>{first}{between}{second}</p>\n"));
                let document = [begin, &pairs.collect::<String>(), &quiet].concat();
                let (quick, _) = found(&document, &rules, false);
                let (careful, _) = found(&document, &rules, true);
                assert_eq!(quick, careful, "{first}{between}");
                numbers += quick.0.len();
            }
        }
    }
    assert!(numbers > 10, "{numbers}");
}

#[test]
fn most_of_what_holds_no_number_is_passed_over() {
    let rules = Rules::built_in();
    for begin in ["<?xml version='1.0'?><alle>", "<!DOCTYPE html><html>"] {
        for line in QUIET {
            let document = [begin, &line.repeat(2000), "<p>CPR 070761-4285</p>\n", &line.repeat(2000)].concat();
            let (quick, bytes) = found(&document, &rules, false);
            let (careful, _) = found(&document, &rules, true);
            assert_eq!(quick, careful);
            // Only blocks part a page, and only what is shown for certain counts as a line.
            let parted = line.contains(if begin.starts_with("<?xml") { "</" } else { "</p>" })
                && !line.contains('\u{a0}')
                && !line.contains("&nbsp;");
            assert!(!parted || bytes < document.len() / 20, "{begin} {line} {bytes}");
        }
    }
}
