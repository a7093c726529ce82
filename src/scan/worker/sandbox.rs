//! Locks a worker in: no files, no network, no programs. What it needs is passed to it, open.

use std::collections::BTreeMap;

use landlock::{ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetStatus, Scope};
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, Signal, set_dumpable_behavior, set_parent_process_death_signal, setrlimit,
};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch, apply_filter};

use super::super::documents::Sandbox;

/// The calls that reading from an open file and answering need. All others fail with EPERM.
const CALLS: &[libc::c_long] = &[
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_pread64,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_recvmsg,
    libc::SYS_recvfrom,
    libc::SYS_sendto,
    libc::SYS_lseek,
    libc::SYS_fstat,
    libc::SYS_close,
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_mprotect,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_futex,
    libc::SYS_clone,
    libc::SYS_clone3,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_getrandom,
    libc::SYS_clock_gettime,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_gettid,
    libc::SYS_getpid,
    // How the standard library ends a process that panics while it panics, or whose stack is used up.
    libc::SYS_tgkill,
];

/// Locks this process in, for good, and gives how far it is.
pub fn lock() -> Sandbox {
    let limits = limit().is_ok();
    let files = restrict_files_and_network();
    let calls = restrict_calls();
    match (limits, files, calls) {
        (true, true, true) => Sandbox::Full,
        (_, false, false) => Sandbox::None,
        _ => Sandbox::Partial,
    }
}

/// No file grows, nothing is dumped, no other process looks in, and the worker goes when the program goes.
fn limit() -> rustix::io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    for resource in [Resource::Core, Resource::Fsize] {
        setrlimit(resource, Rlimit { current: Some(0), maximum: Some(0) })?;
    }
    Ok(())
}

/// True when the kernel lets this process open no files. Newer kernels restrict the network and signals as well.
fn restrict_files_and_network() -> bool {
    let abi = ABI::V6;
    let ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(abi))
        .and_then(|ruleset| ruleset.handle_access(AccessNet::from_all(abi)))
        .and_then(|ruleset| ruleset.scope(Scope::from_all(abi)))
        .and_then(|ruleset| ruleset.create())
        .and_then(|ruleset| ruleset.restrict_self());
    ruleset.is_ok_and(|status| status.ruleset != RulesetStatus::NotEnforced)
}

/// True when only the listed calls are left.
fn restrict_calls() -> bool {
    let rules: BTreeMap<_, _> = CALLS.iter().map(|call| (*call, Vec::new())).collect();
    let denied = SeccompAction::Errno(libc::EPERM as u32);
    let Ok(architecture) = TargetArch::try_from(std::env::consts::ARCH) else { return false };
    SeccompFilter::new(rules, denied, SeccompAction::Allow, architecture)
        .ok()
        .and_then(|filter| BpfProgram::try_from(filter).ok())
        .is_some_and(|program| apply_filter(&program).is_ok())
}
