//! Search of what no format reads: what is found is searched for numbers, and the file is told as unread all the same.

use super::{Runs, line};
use crate::format::input::problem_kind;
use crate::format::{Input, Output, Reading};

/// Bytes that are read at a time.
const CHUNK_BYTES: usize = 256 * 1024;

/// Shortest run that is text where none is expected, in characters: bytes of chance seldom give so many.
const LEAST: usize = 12;

/// Gives the runs of text in what no format reads.
pub fn search(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let runs = Runs::at_least(LEAST);
    let mut buffer = input.take_head();
    loop {
        let last = input.is_whole();
        let done = runs.walk(&buffer, 0, last, |run| line(run, output))?;
        if last {
            input.put_back(buffer);
            return Ok(());
        }
        buffer.drain(..done);
        output.goes_on();
        input.more(&mut buffer, CHUNK_BYTES).map_err(|error| problem_kind(&error))?;
    }
}

#[cfg(test)]
mod tests {
    use crate::format::input::HEAD_BYTES;
    use crate::format::ooxml::sample::{Told, told};
    use crate::format::{Input, Limits, Output};

    #[test]
    fn runs_of_text_are_found_in_both_widths_and_all_orders() {
        let wide = |order: fn(u16) -> [u8; 2]| "cpr nr 070761–4285".encode_utf16().flat_map(order).collect::<Vec<u8>>();
        let bytes = [
            &b"\0\x01\x02\x03\xff\xfeKort\0\x01personnummer 070761-4285\x01\0\x800707614285\x80\x01"[..],
            &wide(u16::to_le_bytes),
            b"\xff\xff\xff",
            &"cpr nr 070761-4285".encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>(),
            &[0x80; 64],
        ];
        let told = told(bytes.concat());
        assert_eq!((told.format, told.problems), ("unknown", vec!["whole: UnsupportedFormat".to_owned()]));
        for run in ["personnummer 070761-4285", "0707614285", "cpr nr 070761–4285", "cpr nr 070761-4285"] {
            assert!(told.lines.contains(&format!("whole: {run}")), "{run}: {:?}", told.lines);
        }
    }

    #[test]
    fn a_run_is_whole_wherever_the_chunks_are_cut() {
        for shift in 0..30 {
            let filler = [0x01_u8].repeat(HEAD_BYTES - 30 + shift);
            let run: Vec<u8> = "nummer 070761-4285".encode_utf16().flat_map(u16::to_le_bytes).collect();
            let bytes = [&[1, 0], &filler[..], b"nummer 070761-4285\x80\x80", &filler[..], &run, &[0x01; 300]].concat();
            let mut source = bytes.as_slice();
            let mut told = Told::default();
            let limits = Limits::for_size(1 << 20, std::sync::Arc::default());
            let mut input = Input::stream(&mut source).unwrap();
            Output::new(&mut told, &limits).read(&mut input);
            let found = told.lines.iter().filter(|line| line.ends_with("nummer 070761-4285")).count();
            assert_eq!(found, 2, "shift {shift}");
        }
    }
}
