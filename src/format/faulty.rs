//! A parser with every fault, for tests of what stands around parsers.

use std::hint::black_box;

use super::{Format, Input, Output, Reading, Weight};
use crate::model::{Place, ProblemKind};

/// What a faulty file begins with, before the word for its fault.
pub const MAGIC: &[u8] = b"\x7fFAULTY ";

/// The faulty format.
pub const FORMAT: Format = Format {
    name: "faulty",
    version: 1,
    weight: Weight::Heavy,
    reads: "",
    leaves: "",
    recognise: |input| input.head().starts_with(MAGIC),
    read,
};

fn read(input: &mut Input<'_>, output: &mut Output<'_>) -> Reading {
    let word = input.head()[MAGIC.len()..].to_vec();
    output.at(Place::Page(1))?;
    output.push("before")?;
    output.at(Place::Page(2))?;
    match &word[..] {
        b"well" => output.push("after\n")?,
        b"hang" => loop {
            black_box(());
        },
        b"abort" => std::process::abort(),
        b"panic" => panic!("of a faulty parser"),
        b"overflow" => drop(deeper(1)),
        b"allocate" => {
            let mut all = Vec::new();
            loop {
                all.push(black_box(vec![1u8; 1 << 20]));
            }
        }
        b"talk" => loop {
            output.push("more and more\n")?;
        },
        b"call" => loop {
            output.at(Place::Whole)?;
        },
        b"break out" => {
            let tried = [
                std::fs::File::open("/etc/passwd").is_ok(),
                std::fs::write("/tmp/sporhund-broke-out", "").is_ok(),
                std::fs::read_dir("/").is_ok(),
                std::net::TcpStream::connect("127.0.0.1:9").is_err_and(|e| e.raw_os_error() != Some(libc::EPERM)),
                std::net::UdpSocket::bind("127.0.0.1:0").is_ok(),
                std::process::Command::new("/bin/true").status().is_ok(),
            ];
            output.push(&format!("{tried:?}"))?;
        }
        _ => return Err(ProblemKind::Damaged),
    }
    Ok(())
}

/// Calls itself until the stack is used up.
#[expect(unconditional_recursion, reason = "that is its fault")]
fn deeper(depth: u64) -> u64 {
    let page = black_box([depth; 512]);
    deeper(depth + page[0]) + black_box(page)[1]
}
