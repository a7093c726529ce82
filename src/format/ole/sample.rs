//! Compound files for tests.

use super::pack::{FREE, Packed, ROOT, STORAGE};

/// A compound file with these streams, by path: `ObjectPool/_1/CONTENTS`.
pub fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut packed = Packed::default();
    // Paths of what stands in the directory, in its order; the root has the empty one.
    let mut listed = vec![(String::new(), false)];
    for at in 0.. {
        let Some((path, followed)) = listed.get(at).cloned() else { break };
        let right = if followed { at as u32 + 1 } else { FREE };
        let name = path.rsplit('/').next().unwrap_or_default();
        if let Some((_, bytes)) = streams.iter().find(|(stream, _)| *stream == path) {
            packed.stream(name, right, bytes);
            continue;
        }
        let below = if path.is_empty() { String::new() } else { format!("{path}/") };
        let inside = streams.iter().filter_map(|(stream, _)| stream.strip_prefix(&below));
        let mut names: Vec<&str> = inside.map(|rest| rest.split('/').next().unwrap_or_default()).collect();
        names.dedup();
        let child = if names.is_empty() { FREE } else { listed.len() as u32 };
        listed.extend(names.iter().enumerate().map(|(i, name)| (format!("{below}{name}"), i + 1 < names.len())));
        let (name, kind) = if at == 0 { ("Root Entry", ROOT) } else { (name, STORAGE) };
        packed.storage(name, kind, [right, child], [0; 16]);
    }
    packed.finish()
}
