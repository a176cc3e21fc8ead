//! Deflate: files are packed in pieces, side by side, and joined in the order of the archive. Only
//! a few pieces are under way at a time, so nothing has to wait on disk.

use std::collections::{HashMap, VecDeque};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, PoisonError};

use super::container::Method;
use super::deflate::{PIECE, Packer};
use super::output::Output;
use super::source::Job;
use super::watch::Watch;
use crate::{Error, Result};

/// Pieces under way for each thread: one being packed, others so that none has to wait.
const UNDER_WAY: usize = 3;

/// A piece of a file.
#[derive(Clone, Copy)]
struct Piece {
    job: usize,
    number: u64,
}

/// A piece, packed or, when a file of one piece would grow, as it is.
struct Packed {
    bytes: Vec<u8>,
    method: Method,
    size: u64,
    crc: crc32fast::Hasher,
}

type Answer = ((usize, u64), Result<Packed>);

/// Packs every job and puts the blocks into the archive in the order of the jobs.
pub(super) fn pack(
    jobs: &[Job],
    out: &mut Output<'_>,
    threads: usize,
    watch: &Watch,
    progress: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<()> {
    let (orders, inbox) = mpsc::channel();
    let (answers, outbox) = mpsc::channel();
    let inbox = Mutex::new(inbox);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                let (inbox, answers) = (&inbox, answers.clone());
                scope.spawn(move || work(jobs, inbox, &answers, watch))
            })
            .collect();
        drop(answers);
        let mut result = collect(jobs, out, threads, &orders, &outbox, watch, progress);
        watch.stop();
        // Closes the inbox, which ends the threads.
        drop(orders);
        for worker in workers {
            if worker.join().is_err() {
                result = Err(Error::internal("a packing thread failed"));
            }
        }
        result
    })
}

fn work(jobs: &[Job], inbox: &Mutex<Receiver<Piece>>, answers: &Sender<Answer>, watch: &Watch) {
    let mut packer = Packer::new();
    let mut buffer = Vec::new();
    loop {
        let order = inbox.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(piece) = order else { break };
        let Some(job) = jobs.get(piece.job) else { break };
        let packed = pack_piece(job, piece.number, &mut packer, &mut buffer, watch);
        if answers.send(((piece.job, piece.number), packed)).is_err() {
            break;
        }
    }
}

fn pack_piece(
    job: &Job,
    number: u64,
    packer: &mut Packer,
    buffer: &mut Vec<u8>,
    watch: &Watch,
) -> Result<Packed> {
    watch.check()?;
    let begin = number * PIECE as u64;
    let size = (job.size - begin).min(PIECE as u64);
    // One byte more than there should be shows a file that has grown.
    buffer.resize(size as usize + 1, 0);
    let last = begin + size == job.size;
    let count =
        job.open(begin)?.fill(buffer.get_mut(..size as usize + usize::from(last)).unwrap_or_default())?;
    let bytes = buffer.get(..count).unwrap_or_default();
    if count as u64 != size {
        return Err(job.changed());
    }
    let mut crc = crc32fast::Hasher::new();
    crc.update(bytes);
    watch.add(size);
    let packed = packer
        .pack(bytes, last)
        .ok_or_else(|| Error::internal(format!("a piece of `{}` could not be packed", job.name)))?;
    if job.size <= PIECE as u64 && packed.len() as u64 >= size {
        return Ok(Packed { bytes: bytes.to_vec(), method: Method::Copy, size, crc });
    }
    Ok(Packed { bytes: packed, method: Method::Deflate, size, crc })
}

/// What stands next in the archive.
#[derive(Clone, Copy)]
enum Step {
    Store(usize),
    Pack(Piece),
}

/// Cuts the jobs into steps; looks whether a file is worth packing when its turn comes.
fn steps(jobs: &[Job]) -> impl Iterator<Item = Result<Step>> {
    jobs.iter().enumerate().flat_map(|(job, about)| -> Box<dyn Iterator<Item = Result<Step>>> {
        match about.is_incompressible() {
            Err(error) => Box::new(std::iter::once(Err(error))),
            Ok(incompressible) if incompressible || about.size == 0 => {
                Box::new(std::iter::once(Ok(Step::Store(job))))
            }
            Ok(_) => {
                let pieces = about.size.div_ceil(PIECE as u64);
                Box::new((0..pieces).map(move |number| Ok(Step::Pack(Piece { job, number }))))
            }
        }
    })
}

fn collect(
    jobs: &[Job],
    out: &mut Output<'_>,
    threads: usize,
    orders: &Sender<Piece>,
    outbox: &Receiver<Answer>,
    watch: &Watch,
    progress: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<()> {
    let most = UNDER_WAY * threads;
    let mut upcoming = steps(jobs);
    let mut planned = VecDeque::new();
    let mut early = HashMap::new();
    let mut under_way = 0;
    let mut crc = crc32fast::Hasher::new();
    let mut packed_size = 0;
    loop {
        while under_way < most && planned.len() < 2 * most {
            let Some(step) = upcoming.next() else { break };
            let step = step?;
            if let Step::Pack(piece) = step {
                orders.send(piece).map_err(|_| Error::internal("the packing threads ended early"))?;
                under_way += 1;
            }
            planned.push_back(step);
        }
        let piece = match planned.pop_front() {
            None => return Ok(()),
            Some(Step::Store(index)) => {
                if let Some(job) = jobs.get(index) {
                    out.store(job, watch, progress)?;
                }
                continue;
            }
            Some(Step::Pack(piece)) => piece,
        };
        let packed = loop {
            if let Some(packed) = early.remove(&(piece.job, piece.number)) {
                break packed;
            }
            let (key, packed): Answer = watch.receive(outbox, progress)?;
            early.insert(key, packed?);
        };
        under_way -= 1;
        out.append(&packed.bytes)?;
        crc.combine(&packed.crc);
        packed_size += packed.bytes.len() as u64;
        let Some(job) = jobs.get(piece.job) else { continue };
        if piece.number * PIECE as u64 + packed.size == job.size {
            out.end(job, packed.method, packed_size, std::mem::take(&mut crc).finalize());
            packed_size = 0;
        }
    }
}
