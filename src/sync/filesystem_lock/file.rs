//! The file, and what is done to it. All of this may block.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};

use fs4::{FileExt, TryLockError};

use super::error::FilesystemLockError;

/// What a lock file begins with. What follows is the number of its owner.
const HEAD: &str = "lock file\npid ";

/// No lock file is longer.
const LONGEST: usize = 64;

/// A lock file that is locked. Dropped, it is released.
pub(super) struct Held {
    /// `None` when it was released.
    file: Option<File>,
    path: PathBuf,
    took_over: Option<u32>,
}

impl Held {
    /// Lock it, if nobody has.
    pub(super) fn try_take(path: &Path) -> Result<Option<Self>, FilesystemLockError> {
        let io = FilesystemLockError::io(path);
        loop {
            // A pipe would block when it is opened, and a link lead elsewhere.
            if !is_file_or_nothing(path).map_err(&io)? {
                return Err(FilesystemLockError::not_a_lock_file(path));
            }
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false);
            let mut file = options.open(path).map_err(&io)?;
            match FileExt::try_lock(&file) {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    // Whoever locks something else here would be waited for in vain. What cannot
                    // be read while it is locked is left to the next time.
                    return match read(&mut file) {
                        Ok(None) => Err(FilesystemLockError::not_a_lock_file(path)),
                        _ => Ok(None),
                    };
                }
                Err(TryLockError::Error(error)) => return Err(io(error)),
            }
            // Its owner may have removed it after it was opened here. Then another one may be
            // there, with an owner of its own.
            if !is_at(&file, path).map_err(&io)? {
                continue;
            }
            let Some(owner) = read(&mut file).map_err(&io)? else {
                return Err(FilesystemLockError::not_a_lock_file(path));
            };
            let held = Held {
                file: Some(file),
                path: path.to_path_buf(),
                took_over: owner,
            };
            held.write(std::process::id()).map_err(&io)?;
            return Ok(Some(held));
        }
    }

    fn write(&self, owner: impl core::fmt::Display) -> io::Result<()> {
        let Some(mut file) = self.file.as_ref() else {
            return Ok(());
        };
        file.set_len(0)?;
        file.rewind()?;
        // At once, so that nobody reads a half of it.
        file.write_all(std::format!("{HEAD}{owner}\n").as_bytes())
    }

    pub(super) fn took_over(&self) -> Option<u32> {
        self.took_over
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn release(mut self) -> io::Result<()> {
        self.let_go()
    }

    fn let_go(&mut self) -> io::Result<()> {
        let removed = self.remove();
        match self.file.take() {
            // Closing it is not enough while a process that is being started has it, too.
            Some(file) => removed.and(FileExt::unlock(&file)),
            None => removed,
        }
    }

    /// Remove the file, as long as it is locked: who has opened it before then finds that it
    /// is not there any more.
    #[cfg(unix)]
    fn remove(&self) -> io::Result<()> {
        match &self.file {
            Some(file) if is_at(file, &self.path)? => fs::remove_file(&self.path),
            _ => Ok(()),
        }
    }

    /// Nobody could tell that it was removed, so it stays, without an owner.
    #[cfg(not(unix))]
    fn remove(&self) -> io::Result<()> {
        self.write("")
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // What could not be removed is taken over by the next owner.
        let _ = self.let_go();
    }
}

fn is_file_or_nothing(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(found.is_file()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

/// Whether this is the file that is at the path.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;

    match fs::symlink_metadata(path) {
        Ok(found) => {
            let open = file.metadata()?;
            Ok((found.dev(), found.ino()) == (open.dev(), open.ino()))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// It is never removed.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

/// The owner that a lock file names, if it does; `None`: it is no lock file.
fn read(file: &mut File) -> io::Result<Option<Option<u32>>> {
    let mut content = std::vec::Vec::new();
    file.rewind()?;
    file.take(LONGEST as u64).read_to_end(&mut content)?;
    Ok(parse(&content))
}

fn parse(content: &[u8]) -> Option<Option<u32>> {
    let content = core::str::from_utf8(content).ok()?;
    // A process may have been killed before it has written all of it.
    if HEAD.starts_with(content) {
        return Some(None);
    }
    let owner = content.strip_prefix(HEAD)?;
    let digits = owner.strip_suffix('\n').unwrap_or(owner);
    match digits.parse() {
        Ok(pid) => Some(Some(pid)),
        Err(_) if digits.is_empty() => Some(None),
        Err(_) => None,
    }
}

/// The owner that the file at the path names, if there is one.
pub(super) fn owner(path: &Path) -> Result<Option<u32>, FilesystemLockError> {
    let io = FilesystemLockError::io(path);
    let not_one = || FilesystemLockError::not_a_lock_file(path);
    if !is_file_or_nothing(path).map_err(&io)? {
        return Err(not_one());
    }
    match File::open(path) {
        Ok(mut file) => read(&mut file).map_err(&io)?.ok_or_else(not_one),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io(error)),
    }
}
