//! How much is asked at once of those who hold the files.
//!
//! A disk of this machine is asked by as many threads as compute. A server behind a network answers each request after a
//! while, so many threads ask it, as many at once as its pace allows; all shares of a server and all who walk and read
//! there have one limit. Who computes asks nothing meanwhile, and as many compute at once as there are jobs.

mod mount;
mod pace;
mod slots;

use std::path::Path;
use std::time::Instant;

use mount::Mounts;
use pace::{MOST, Pace};
use slots::{Answer, Slots};

pub use pace::Request;
pub use slots::Turn;

use crate::model::{Entry, RelativePath, Share};

/// Those who hold the files of some shares.
#[derive(Debug)]
pub struct Servers {
    servers: Vec<Server>,
    /// Where each share lies.
    sites: Vec<Site>,
    /// Those who compute with what a server gave.
    computing: Slots,
}

/// Who holds files: the disks of this machine together, or a server behind a network.
#[derive(Debug)]
struct Server {
    /// None for the disks of this machine.
    name: Option<String>,
    threads: usize,
    /// Requests at once; none where the threads are limit enough.
    requests: Option<Slots>,
}

/// Where a share lies.
#[derive(Debug)]
struct Site {
    server: usize,
    /// Folders in it where something else is mounted, the deepest first, and where that lies.
    mounted: Vec<(RelativePath, usize)>,
}

impl Servers {
    /// The servers of the shares. At most `jobs` compute; a server is asked all it may be asked from the beginning where
    /// `full_speed` is wanted.
    pub fn new(shares: &[Share], jobs: usize, full_speed: bool) -> Self {
        Self::with(&Mounts::now(), shares, jobs.max(1), full_speed)
    }

    fn with(mounts: &Mounts, shares: &[Share], jobs: usize, full_speed: bool) -> Self {
        let mut servers = Self { servers: Vec::new(), sites: Vec::new(), computing: Slots::fixed(jobs) };
        for share in shares {
            // What cannot be reached is nowhere; the walk tells of it.
            let root = share.path.canonicalize().unwrap_or_else(|_| share.path.clone());
            let mut at = |path: &Path| servers.index(mounts.server(path), jobs, full_speed);
            let server = at(&root);
            let mut mounted: Vec<_> = mounts
                .below(&root)
                .filter_map(|point| Some((point.strip_prefix(&root).ok()?, at(point))))
                .map(|(below, server)| {
                    let path = below.components().fold(RelativePath::root(), |path, step| path.join(step.as_os_str()));
                    (path, server)
                })
                .collect();
            mounted.sort_by_key(|(path, _)| std::cmp::Reverse(path.as_bytes().len()));
            if mounted.iter().all(|(_, other)| *other == server) {
                mounted.clear();
            }
            servers.sites.push(Site { server, mounted });
        }
        servers
    }

    fn index(&mut self, name: Option<String>, jobs: usize, full_speed: bool) -> usize {
        self.servers.iter().position(|server| server.name == name).unwrap_or_else(|| {
            let (threads, requests) = match (&name, full_speed) {
                (None, _) => (jobs, None),
                (Some(_), true) => (MOST, Some(Slots::fixed(MOST))),
                (Some(_), false) => (MOST, Some(Slots::paced(Pace::new()))),
            };
            self.servers.push(Server { name, threads, requests });
            self.servers.len() - 1
        })
    }

    /// For each server, the number of threads that ask it.
    pub fn threads(&self) -> impl ExactSizeIterator<Item = usize> {
        self.servers.iter().map(|server| server.threads)
    }

    /// Where among the servers an entry lies.
    pub fn of(&self, entry: &Entry) -> usize {
        let Site { server, mounted } = &self.sites[entry.share];
        let path = entry.path.as_bytes();
        let within = |point: &[u8]| path.strip_prefix(point).is_some_and(|rest| matches!(rest, [] | [b'/', ..]));
        mounted.iter().find(|(point, _)| within(point.as_bytes())).map_or(*server, |(_, server)| *server)
    }

    /// Begins to ask for an entry; waits until it is one's turn.
    pub fn visit(&self, entry: &Entry, turn: Turn) -> Visit<'_> {
        let requests = self.servers[self.of(entry)].requests.as_ref();
        let place =
            requests.map(|requests| Place { requests, computing: &self.computing, turn, holds: Holds::Nothing });
        let mut visit = Visit { place, answers: Vec::new() };
        visit.go_on();
        visit
    }
}

/// The time in which a thread asks a server for one entry, and takes one of the places for that.
///
/// For a disk of this machine it is nothing and costs nothing.
pub struct Visit<'s> {
    place: Option<Place<'s>>,
    answers: Vec<Answer>,
}

struct Place<'s> {
    requests: &'s Slots,
    computing: &'s Slots,
    turn: Turn,
    holds: Holds,
}

/// What a thread holds: never two of them, so that nobody who holds one waits for the other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Nothing,
    Request,
    Computing,
}

impl Visit<'_> {
    /// True where nobody needs to be spared.
    pub fn is_local(&self) -> bool {
        self.place.is_none()
    }

    /// Asks, and measures how long the answer takes.
    pub fn ask<T>(&mut self, request: Request, ask: impl FnOnce() -> T) -> T {
        let asked = self.asks();
        let answer = ask();
        self.answered(request, asked);
        answer
    }

    /// When something is asked; none where that need not be known.
    pub fn asks(&self) -> Option<Instant> {
        (!self.is_local()).then(Instant::now)
    }

    /// Takes note that what was asked then is answered.
    pub fn answered(&mut self, request: Request, asked: Option<Instant>) {
        self.answers.extend(asked.map(|asked| Answer { request, took: asked.elapsed() }));
    }

    /// Leaves the server to others.
    pub fn leave(&mut self) {
        self.hold(Holds::Nothing);
    }

    /// Leaves the server to others, to compute; waits while all jobs do.
    pub fn compute(&mut self) {
        self.hold(Holds::Computing);
    }

    /// Goes on to ask after [`Visit::leave`] or [`Visit::compute`]; waits for its turn.
    pub fn go_on(&mut self) {
        self.hold(Holds::Request);
    }

    fn hold(&mut self, wanted: Holds) {
        let Some(Place { requests, computing, turn, holds }) = &mut self.place else { return };
        if *holds == wanted {
            return;
        }
        match std::mem::replace(holds, wanted) {
            Holds::Nothing => {}
            Holds::Request => requests.give_back(&mut self.answers),
            Holds::Computing => computing.give_back(&mut Vec::new()),
        }
        match wanted {
            Holds::Nothing => {}
            Holds::Request => requests.take(*turn),
            Holds::Computing => computing.take(Turn::First),
        }
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        self.leave();
    }
}

#[cfg(test)]
mod tests {
    use super::pace::FEWEST;
    use super::*;
    use crate::model::Area;

    const MOUNTS: &str = "\
28 1 254:1 / / rw - ext4 /dev/vda1 rw
61 28 0:50 / /mnt/a rw - cifs //gxaf3102/Daginst rw,addr=10.1.2.3
62 28 0:51 / /mnt/b rw - cifs //gxaf3102/Skole rw,addr=10.1.2.3
63 28 0:53 / /mnt/c rw - nfs4 nas:/export rw
64 63 0:54 / /mnt/c/dybt/d rw - cifs //gxaf3102/Arkiv rw,addr=10.1.2.3
";

    fn servers(paths: &[&str]) -> Servers {
        let share = |path: &&str| Share { path: path.into(), label: "s".into(), area: Area::Shared, only: None };
        let shares: Vec<Share> = paths.iter().map(share).collect();
        Servers::with(&Mounts::parse(MOUNTS.as_bytes()), &shares, 3, false)
    }

    fn entry(share: usize, path: &str) -> Entry {
        let path = path.split('/').fold(RelativePath::root(), |path, name| path.join(name.as_ref()));
        Entry { share, path }
    }

    #[test]
    fn the_shares_of_a_server_have_one_limit_and_disks_one_of_threads() {
        let servers = servers(&["/mnt/a/x", "/nowhere/1", "/mnt/b", "/nowhere/2"]);
        assert_eq!(servers.threads().collect::<Vec<_>>(), [MOST, 3]);
        let of = |share| servers.of(&entry(share, "a/b"));
        assert_eq!([of(0), of(1), of(2), of(3)], [0, 1, 0, 1]);
    }

    #[test]
    fn what_is_mounted_within_a_share_lies_where_it_comes_from() {
        let servers = servers(&["/mnt"]);
        let of = |path| servers.servers[servers.of(&entry(0, path))].name.as_deref();
        assert_eq!([of("x"), of("a"), of("a/x"), of("ab")], [None, Some("10.1.2.3"), Some("10.1.2.3"), None]);
        assert_eq!([of("c/dybt"), of("c/dybt/d/e")], [Some("nas"), Some("10.1.2.3")]);
    }

    #[test]
    fn who_computes_leaves_the_server_to_others() {
        let servers = servers(&["/mnt/c"]);
        let at = entry(0, "fil");
        let mut computing = servers.visit(&at, Turn::First);
        computing.compute();
        let mut visits: Vec<Visit<'_>> = (0..FEWEST).map(|_| servers.visit(&at, Turn::First)).collect();
        // Nobody could ask any more, and who computed goes on only when one leaves.
        visits[0].leave();
        computing.go_on();
        drop(visits);
        computing.leave();
    }

    #[test]
    fn a_disk_is_asked_without_waiting() {
        let servers = servers(&["/nowhere"]);
        let visits: Vec<Visit<'_>> = (0..100).map(|_| servers.visit(&entry(0, "fil"), Turn::First)).collect();
        assert!(visits.iter().all(Visit::is_local));
    }
}
