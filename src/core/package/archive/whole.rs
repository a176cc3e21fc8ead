//! LZMA: a file is one unbroken stream, so threads take whole files, the largest first.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};

use super::codec;
use super::container::Method;
use super::output::Output;
use super::source::Job;
use super::spool::{Body, Spool, Waiting};
use super::watch::Watch;
use crate::{Error, Result};

/// What became of a file.
enum Outcome {
    /// Packing it saves nothing; it is stored when its turn comes.
    Store,
    Packed {
        method: Method,
        crc: u32,
        body: Body,
    },
}

/// Packs every job and puts the blocks into the archive in the order of the jobs.
pub(super) fn pack(
    jobs: &[Job],
    out: &mut Output<'_>,
    folder: &Path,
    threads: usize,
    watch: &Watch,
    progress: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<()> {
    let mut order: Vec<usize> = (0..jobs.len()).filter(|&index| jobs[index].size > 0).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(jobs[index].size));
    let waiting = Waiting::new(folder);
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        let workers: Vec<_> = (0..threads.min(order.len()))
            .map(|_| {
                let (sender, order, next, waiting) = (sender.clone(), &order, &next, &waiting);
                scope.spawn(move || work(jobs, order, next, waiting, watch, &sender))
            })
            .collect();
        drop(sender);
        let mut result = collect(jobs, out, &waiting, &receiver, watch, progress);
        watch.stop();
        for worker in workers {
            if worker.join().is_err() {
                result = Err(Error::internal("a packing thread failed"));
            }
        }
        result
    })
}

fn work(
    jobs: &[Job],
    order: &[usize],
    next: &AtomicUsize,
    waiting: &Waiting,
    watch: &Watch,
    sender: &Sender<(usize, Result<Outcome>)>,
) {
    let mut spool = Spool::new(waiting);
    while let Some(&index) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
        let outcome = jobs.get(index).map_or(Ok(Outcome::Store), |job| pack_one(job, &mut spool, watch));
        let failed = outcome.is_err();
        if sender.send((index, outcome)).is_err() || failed {
            break;
        }
    }
}

fn pack_one(job: &Job, spool: &mut Spool<'_>, watch: &Watch) -> Result<Outcome> {
    watch.check()?;
    if job.is_incompressible()? {
        return Ok(Outcome::Store);
    }
    let failed = |error| Error::io("pack", Path::new(&job.name), error);
    let dictionary = codec::dictionary(job.size);
    let mut packer = codec::lzma(&mut *spool, dictionary).map_err(failed)?;
    let mut input = job.open(0)?;
    let mut buffer = vec![0; job.size.clamp(1, 256 << 10) as usize];
    let mut crc = crc32fast::Hasher::new();
    let mut size = 0;
    loop {
        let count = input.fill(&mut buffer)?;
        let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else { break };
        crc.update(bytes);
        packer.write_all(bytes).map_err(failed)?;
        size += count as u64;
        watch.add(count as u64);
        watch.check()?;
    }
    packer.finish().map_err(failed)?;
    if size != job.size {
        return Err(job.changed());
    }
    if spool.size() >= size {
        spool.discard();
        watch.take_back(size);
        return Ok(Outcome::Store);
    }
    Ok(Outcome::Packed { method: Method::Lzma { dictionary }, crc: crc.finalize(), body: spool.finish()? })
}

fn collect(
    jobs: &[Job],
    out: &mut Output<'_>,
    waiting: &Waiting,
    receiver: &Receiver<(usize, Result<Outcome>)>,
    watch: &Watch,
    progress: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<()> {
    let mut early = HashMap::new();
    for (index, job) in jobs.iter().enumerate() {
        let outcome = loop {
            if job.size == 0 {
                break Outcome::Store;
            }
            if let Some(outcome) = early.remove(&index) {
                break outcome;
            }
            let (done, outcome) = watch.receive(receiver, progress)?;
            early.insert(done, outcome?);
        };
        match outcome {
            Outcome::Store => out.store(job, watch, progress)?,
            Outcome::Packed { method, crc, body } => {
                let packed = body.size();
                body.drain(waiting, |bytes| out.append(bytes))?;
                out.end(job, method, packed, crc);
            }
        }
    }
    Ok(())
}
