//! A share behind a network, as a mount that answers each request after 3 ms and has a link of 1 Gbit/s: how near the scan
//! comes to what the latency and the link allow, and what another user of the share notices of it.
//!
//! `cargo bench --bench share` measures; `cargo bench --bench share -- mount FOLDER [MS]` mounts a folder, to try things out.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark that cannot go on fails")]

#[cfg(target_os = "linux")]
#[path = "../tests/distant/mod.rs"]
mod distant;

#[cfg(target_os = "linux")]
mod measured {
    use std::collections::BTreeMap;
    use std::fs::{self, File};
    use std::io::Read;
    use std::path::{Path, PathBuf};
    use std::process::{Command, Stdio};
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::time::{Duration, Instant};

    use tempfile::TempDir;

    use super::distant::{Asked, Distance, Distant};

    const LATENCY: Duration = Duration::from_millis(3);

    /// What a link of 1 Gbit/s carries of files.
    const LINK: f64 = 115e6;

    /// What is asked at once at full speed, and by the loop that it is held against.
    const AT_ONCE: usize = 64;

    const ROUNDS: usize = 3;

    /// How often another user of the share opens a file.
    const OFTEN: Duration = Duration::from_millis(10);

    pub fn main() {
        let arguments: Vec<String> = std::env::args().collect();
        if let Some(at) = arguments.iter().position(|argument| argument == "mount") {
            let latency = arguments.get(at + 2).and_then(|ms| ms.parse().ok()).map_or(LATENCY, Duration::from_millis);
            return mount(Path::new(&arguments[at + 1]), latency);
        }
        let Some(_) = Distant::mount_or_skip(&std::env::temp_dir(), Distance::default()) else { return };
        let distance = Distance { latency: LATENCY, bytes_per_second: Some(LINK), ..Distance::default() };
        let small = small_files();
        compare("5,000 small files in 2,500 folders", &small, distance);
        let busy = Distance { works_on: Some(16), ..distance };
        compare("the same, where the server works on 16 requests at once", &small, busy);
        compare("40 files of 25 MB", &large_files(), distance);
    }

    /// Mounts a folder until there is nothing more to read on standard input.
    fn mount(folder: &Path, latency: Duration) {
        let distance = Distance { latency, bytes_per_second: Some(LINK), ..Distance::default() };
        let distant = Distant::mount(folder, distance).unwrap();
        println!("{}", distant.path().display());
        std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).unwrap();
        tell(&distant.requests());
    }

    /// How often what was asked, and how much at once in each tenth of a second.
    fn tell(requests: &[Asked]) {
        let (mut kinds, mut tenths) = (BTreeMap::<_, usize>::new(), BTreeMap::<_, Vec<usize>>::new());
        for Asked { what, at, at_once } in requests {
            *kinds.entry(what).or_default() += 1;
            tenths.entry(at.as_millis() / 100).or_default().push(*at_once);
        }
        println!("{kinds:?}");
        for (tenth, at_once) in tenths {
            let mean = at_once.iter().sum::<usize>() / at_once.len();
            println!("{:5.1} s {:6} requests, {mean:3} at once", tenth as f64 / 10.0, at_once.len());
        }
    }

    /// Numbers that look random and are the same each time: xorshift64*, Vigna 2016.
    fn random(state: &mut u64) -> u64 {
        *state ^= *state >> 12;
        *state ^= *state << 25;
        *state ^= *state >> 27;
        state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33
    }

    const LINE: &str = "Udvalget tog orienteringen til efterretning, og budgettet vedtages i oktober.\n";

    /// 1.2 kB each in the mean.
    fn small_files() -> TempDir {
        let root = tempfile::tempdir().unwrap();
        let mut state = 7;
        for folder in 0..2500 {
            let folder = root.path().join(format!("{}/{}", folder / 50, folder % 50));
            fs::create_dir_all(&folder).unwrap();
            for file in 0..2 {
                let lines = 1 + random(&mut state) as usize % 29;
                fs::write(folder.join(format!("{file}.txt")), LINE.repeat(lines)).unwrap();
            }
        }
        root
    }

    fn large_files() -> TempDir {
        let root = tempfile::tempdir().unwrap();
        let first = root.path().join("0.txt");
        fs::write(&first, LINE.repeat(25_000_000 / LINE.len())).unwrap();
        // One file on the disk, and 40 on the share.
        (1..40).for_each(|file| fs::hard_link(&first, root.path().join(format!("{file}.txt"))).unwrap());
        root
    }

    /// A name, and what reads a share.
    type Way<'a> = (&'a str, &'a dyn Fn(&Path));

    /// What one way of reading a share took, and what it asked.
    struct Took {
        seconds: f64,
        requests: usize,
        at_once: usize,
        /// What another user of the share waited for the same, in the quiet and meanwhile, in milliseconds.
        quiet: f64,
        meanwhile: f64,
    }

    fn compare(what: &str, root: &TempDir, distance: Distance) {
        let bytes: u64 = bytes_below(root.path());
        println!("\n{what}, {:.1} MB, {ROUNDS} rounds in turn; the median of the seconds counts", bytes as f64 / 1e6);
        let ways: [Way<'_>; 3] = [
            ("loop of 64", &bare_loop),
            ("--full-speed", &|share| scan(share, &["--full-speed"])),
            ("default", &|share| scan(share, &[])),
        ];
        let mut took: Vec<Vec<Took>> = ways.iter().map(|_| Vec::new()).collect();
        for _ in 0..ROUNDS {
            for ((_, way), took) in ways.iter().zip(&mut took) {
                took.push(measure(root.path(), distance, way));
            }
        }
        let medians: Vec<Took> = took.into_iter().map(median).collect();
        println!(
            "{:14} {:>7} {:>9} {:>11} {:>8} {:>7} {:>8} {:>12} {:>19}",
            "", "seconds", "requests", "requests/s", "at once", "MB/s", "of loop", "of 64 / 3 ms", "another user, ms"
        );
        for ((name, _), took) in ways.iter().zip(&medians) {
            let Took { seconds, requests, at_once, quiet, meanwhile } = took;
            let rate = *requests as f64 / seconds;
            println!(
                "{name:14} {seconds:7.2} {requests:9} {rate:11.0} {at_once:8} {:7.1} {:7.0}% {:11.0}% {quiet:7.2} -> \
                 {meanwhile:.2} ({:.2} x)",
                bytes as f64 / 1e6 / seconds,
                100.0 * medians[0].seconds / seconds,
                100.0 * rate * LATENCY.as_secs_f64() / AT_ONCE as f64,
                meanwhile / quiet,
            );
        }
    }

    fn median(mut took: Vec<Took>) -> Took {
        took.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
        let middle = took.len() / 2;
        took.swap_remove(middle)
    }

    fn bytes_below(folder: &Path) -> u64 {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.map(|path| if path.is_dir() { bytes_below(&path) } else { path.metadata().unwrap().len() }).sum()
    }

    /// Mounts what is in `root` afresh and reads it one way, while another user opens a file now and then.
    fn measure(root: &Path, distance: Distance, way: &dyn Fn(&Path)) -> Took {
        let distant = Distant::mount(root, distance).unwrap();
        let other = another_file(distant.path());
        let open = || {
            let asked = Instant::now();
            let file = File::open(&other).unwrap();
            let took = asked.elapsed().as_secs_f64() * 1e3;
            drop(file);
            std::thread::sleep(OFTEN);
            took
        };
        let quiet: Vec<f64> = (0..30).map(|_| open()).collect();
        distant.forget();
        let done = AtomicBool::new(false);
        let (seconds, meanwhile) = std::thread::scope(|scope| {
            let user = scope.spawn(|| {
                let mut waited = Vec::new();
                while !done.load(Ordering::Relaxed) {
                    waited.push(open());
                }
                waited
            });
            let began = Instant::now();
            way(distant.path());
            let seconds = began.elapsed().as_secs_f64();
            done.store(true, Ordering::Relaxed);
            (seconds, user.join().unwrap())
        });
        let requests = distant.requests();
        let middle = |mut waited: Vec<f64>| {
            waited.sort_by(f64::total_cmp);
            waited[waited.len() / 2]
        };
        Took {
            seconds,
            requests: requests.len(),
            at_once: requests.iter().map(|request| request.at_once).max().unwrap_or(0),
            quiet: middle(quiet),
            meanwhile: middle(meanwhile),
        }
    }

    fn another_file(folder: &Path) -> PathBuf {
        let mut names: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.sort();
        let first = names.swap_remove(0);
        if first.is_dir() { another_file(&first) } else { first }
    }

    fn scan(share: &Path, more: &[&str]) {
        let key = tempfile::NamedTempFile::new().unwrap();
        fs::write(&key, "07".repeat(32)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_sporhund"));
        command.arg("scan").arg(share).arg("--key-file").arg(key.path()).args(["-q", "-o", "/dev/null"]).args(more);
        assert!(command.stdin(Stdio::null()).status().unwrap().success());
    }

    /// Lists every folder and opens, reads and closes every file, with 64 threads and nothing else.
    fn bare_loop(share: &Path) {
        let waiting = Mutex::new(vec![share.to_path_buf()]);
        let left = AtomicUsize::new(1);
        std::thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(|| {
                    let mut buffer = vec![0; 256 << 10];
                    while left.load(Ordering::Acquire) > 0 {
                        let Some(path) = waiting.lock().unwrap().pop() else {
                            std::thread::sleep(Duration::from_micros(100));
                            continue;
                        };
                        match fs::read_dir(&path) {
                            Ok(entries) => {
                                let found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
                                left.fetch_add(found.len(), Ordering::AcqRel);
                                waiting.lock().unwrap().extend(found);
                            }
                            Err(_) => {
                                let mut file = File::open(&path).unwrap();
                                while file.read(&mut buffer).unwrap() > 0 {}
                            }
                        }
                        left.fetch_sub(1, Ordering::AcqRel);
                    }
                });
            }
        });
    }
}

fn main() {
    #[cfg(target_os = "linux")]
    measured::main();
}
