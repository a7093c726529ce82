//! Which server a path lies on, as its name or the system's table of mounts tells.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf, Prefix};

/// Kinds of file systems that lie behind a network. What programs mount (`fuse`) is taken for such too, but for disks.
const NETWORK: [&str; 13] =
    ["cifs", "smb3", "smbfs", "nfs", "nfs4", "9p", "afs", "ceph", "lustre", "beegfs", "gfs2", "coda", "fuse"];

/// The mounts of this system.
#[derive(Debug, Default)]
pub struct Mounts(Vec<Mount>);

#[derive(Debug, PartialEq, Eq)]
struct Mount {
    point: PathBuf,
    /// None for a disk of this machine.
    server: Option<String>,
}

impl Mounts {
    /// The mounts that there are now; none where the system has no table of them.
    pub fn now() -> Self {
        if cfg!(target_os = "linux") {
            std::fs::read("/proc/self/mountinfo").map_or_else(|_| Self::default(), |table| Self::parse(&table))
        } else {
            Self::default()
        }
    }

    /// Reads a table as proc(5) describes it. A line that is none is passed over.
    pub fn parse(table: &[u8]) -> Self {
        Self(table.split(|&byte| byte == b'\n').filter_map(mount).collect())
    }

    /// The server that a path without links lies on; none for a disk of this machine.
    pub fn server(&self, path: &Path) -> Option<String> {
        let over = self.0.iter().filter(|mount| path.starts_with(&mount.point));
        // Of equals the last: what is mounted later over the same folder hides what was there.
        let mount = over.max_by_key(|mount| mount.point.components().count());
        named(path).or_else(|| mount?.server.clone())
    }

    /// The folders below a path without links where something else is mounted.
    pub fn below<'m>(&'m self, path: &'m Path) -> impl Iterator<Item = &'m Path> {
        let points = self.0.iter().map(|mount| mount.point.as_path());
        points.filter(move |point| point.starts_with(path) && *point != path)
    }
}

/// The server of a path that names it, as `\\server\share` does.
fn named(path: &Path) -> Option<String> {
    match path.components().next()? {
        Component::Prefix(prefix) => match prefix.kind() {
            Prefix::UNC(server, _) | Prefix::VerbatimUNC(server, _) => {
                Some(server.to_string_lossy().to_ascii_lowercase())
            }
            _ => None,
        },
        _ => None,
    }
}

/// One line: number, parent, device, root, point, options, more of them up to a hyphen, then kind, source, options.
fn mount(line: &[u8]) -> Option<Mount> {
    let words: Vec<&[u8]> = line.split(|&byte| byte == b' ').collect();
    let hyphen = words.iter().skip(6).position(|word| *word == b"-")? + 6;
    let [device, _root, point] = words.get(2..5)? else { return None };
    let [kind, source, options] = words.get(hyphen + 1..hyphen + 4)? else { return None };
    let kind = std::str::from_utf8(kind).ok()?;
    let network = NETWORK.contains(&kind) || kind.starts_with("fuse.");
    let server = network.then(|| {
        let source = String::from_utf8_lossy(&unescaped(source)).into_owned();
        let of_device = || format!("device {}", String::from_utf8_lossy(device));
        address(options).or_else(|| host(&source)).unwrap_or_else(of_device)
    });
    Some(Mount { point: path(unescaped(point)), server })
}

/// The address of the server, which is the same under whatever name it was mounted.
fn address(options: &[u8]) -> Option<String> {
    let mut options = options.split(|&byte| byte == b',');
    let address = options.find_map(|option| option.strip_prefix(b"addr="))?;
    Some(String::from_utf8_lossy(address).to_ascii_lowercase())
}

/// The host in `//host/share` or `host:/export`.
fn host(source: &str) -> Option<String> {
    let host = match source.strip_prefix("//") {
        Some(rest) => rest.split(['/', '\\']).next()?,
        None => source.split_once(":/")?.0,
    };
    // A person may stand before it.
    let host = host.rsplit('@').next()?;
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

/// A word of the table, with blanks and backslashes as they are: there they are `\040` and the like.
fn unescaped(word: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(word.len());
    let mut rest = word;
    while let [first, after @ ..] = rest {
        let octal = after.first_chunk::<3>().filter(|digits| {
            *first == b'\\' && digits.iter().all(|digit| (b'0'..=b'7').contains(digit)) && digits[0] < b'4'
        });
        match octal {
            Some(digits) => {
                bytes.push(digits.iter().fold(0, |value, digit| value << 3 | (digit - b'0')));
                rest = &after[3..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    bytes
}

#[cfg(unix)]
fn path(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    OsString::from_vec(bytes).into()
}

#[cfg(not(unix))]
fn path(bytes: Vec<u8>) -> PathBuf {
    OsString::from(String::from_utf8_lossy(&bytes).into_owned()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
22 28 0:21 / /proc rw,nosuid,nodev,noexec,relatime shared:13 - proc proc rw
28 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro
61 28 0:50 / /mnt/daginst rw,relatime shared:220 - cifs //GXAF3102/Daginst rw,vers=3.1.1,username=scan,uid=0,addr=10.1.2.3
62 28 0:51 / /mnt/skole ro,relatime - smb3 //gxaf3102.kommune.dk/Skole ro,vers=3.1.1,addr=10.1.2.3
63 28 0:52 / /mnt/fælles\\040drev rw - cifs //Arkiv/Fælles\\040drev rw,vers=3.1.1
64 28 0:53 / /srv/arkiv rw,relatime shared:300 master:2 - nfs4 nas-1:/export/arkiv rw,vers=4.2,proto=tcp
65 28 0:54 / /srv/gammel rw,relatime - nfs [fe80::7]:/vol0 rw,vers=3
66 28 0:55 / /home/ida/fjern rw,nosuid,nodev - fuse.sshfs ida@fjern.example:/home/ida rw,user_id=1000
67 28 0:56 / /home/ida/sky rw,nosuid,nodev - fuse.rclone sky: rw,user_id=1000
68 28 8:17 / /media/usb rw,nosuid,nodev - fuseblk /dev/sdb1 rw,user_id=0
69 61 254:2 / /mnt/daginst/lokal rw - ext4 /dev/vdb1 rw
70 28 0:57 / /mnt/igen rw - tmpfs tmpfs rw
71 28 0:58 / /mnt/igen rw - cifs //Arkiv/Igen rw
a line that is none
72 28 0:59
";

    fn server(path: &str) -> Option<String> {
        Mounts::parse(TABLE.as_bytes()).server(Path::new(path))
    }

    #[test]
    fn a_disk_of_this_machine_has_no_server() {
        for path in ["/", "/home/ida", "/proc", "/media/usb/a", "/mnt/daginst/lokal/b", "/mnt/daginst2", "/nowhere"] {
            assert_eq!(server(path), None, "{path}");
        }
    }

    #[test]
    fn two_shares_of_one_address_have_one_server() {
        assert_eq!(server("/mnt/daginst/a/b").as_deref(), Some("10.1.2.3"));
        assert_eq!(server("/mnt/skole"), server("/mnt/daginst"));
    }

    #[test]
    fn the_source_names_the_server_where_no_address_does() {
        assert_eq!(server("/mnt/fælles drev/x").as_deref(), Some("arkiv"));
        assert_eq!(server("/srv/arkiv").as_deref(), Some("nas-1"));
        assert_eq!(server("/srv/gammel").as_deref(), Some("[fe80::7]"));
        assert_eq!(server("/home/ida/fjern").as_deref(), Some("fjern.example"));
    }

    #[test]
    fn what_a_program_mounts_without_naming_a_host_is_a_server_of_its_own() {
        assert_eq!(server("/home/ida/sky/a").as_deref(), Some("device 0:56"));
    }

    #[test]
    fn what_is_mounted_last_over_a_folder_counts() {
        assert_eq!(server("/mnt/igen/a").as_deref(), Some("arkiv"));
    }

    #[test]
    fn mounts_below_a_path_are_named() {
        let mounts = Mounts::parse(TABLE.as_bytes());
        let below: Vec<&Path> = mounts.below(Path::new("/mnt/daginst")).collect();
        assert_eq!(below, [Path::new("/mnt/daginst/lokal")]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_table_of_this_system_is_read() {
        assert!(!Mounts::now().0.is_empty());
        assert_eq!(Mounts::now().server(Path::new("/proc/self")), None);
    }

    #[cfg(windows)]
    #[test]
    fn a_path_that_begins_with_its_server_lies_there() {
        assert_eq!(server(r"\\GXAF3102\Daginst\a").as_deref(), Some("gxaf3102"));
        assert_eq!(server(r"\\?\UNC\gxaf3102\Skole").as_deref(), Some("gxaf3102"));
        assert_eq!(server(r"C:\a"), None);
    }
}
