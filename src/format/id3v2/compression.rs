//! Compressed frames (ID3v2.3 frames, section 3.3.1: zlib).

use flate2::{Compression, Decompress, FlushCompress, FlushDecompress, Status};

use super::frame::{Format, Frame, header_length};
use super::header::Header;
use super::unsync::Cursor;
use crate::bytes::source::{ReadError, Source};

/// What a compressed code frame may decompress to.
const LARGEST_BODY: usize = 4096;

/// Decompresses a compressed body, if it is sound and small.
pub(super) fn inflate(body: &[u8]) -> Option<Vec<u8>> {
    let mut decompressed = vec![0; LARGEST_BODY];
    let mut stream = Decompress::new(true);
    match stream.decompress(body, &mut decompressed, FlushDecompress::Finish) {
        // What follows the stream would be lost by an edit.
        Ok(Status::StreamEnd) if stream.total_in() == body.len() as u64 => {}
        _ => return None,
    }
    decompressed.truncate(stream.total_out() as usize);
    Some(decompressed)
}

/// Compresses a body.
pub(super) fn deflate(body: &[u8]) -> Option<Vec<u8>> {
    let mut compressed = Vec::with_capacity(body.len() + 128);
    let status =
        flate2::Compress::new(Compression::default(), true).compress_vec(body, &mut compressed, FlushCompress::Finish);
    matches!(status, Ok(Status::StreamEnd)).then_some(compressed)
}

/// How many bytes the compressed `frame` decompresses to, as far as `limit` and a little more. A damaged stream counts as
/// far as it goes.
pub(super) fn decompressed_size(
    source: &mut Source,
    header: &Header,
    frame: &Frame,
    format: Format,
    limit: u64,
) -> Result<u64, ReadError> {
    let mut cursor = Cursor {
        end: frame.range.end,
        ..header.cursor(frame.range.start)
    };
    let before = header_length(header.version) + format.extra;
    if !cursor.skip(source, before as u64)? {
        return Ok(0);
    }
    cursor.unsynchronised |= format.unsynchronised;
    let mut stream = Decompress::new(true);
    let mut scratch = [0u8; 8192];
    let left = cursor.left();
    cursor.each(source, left, |mut input| {
        loop {
            let (taken, given) = (stream.total_in(), stream.total_out());
            let status = stream.decompress(input, &mut scratch, FlushDecompress::None);
            let consumed = (stream.total_in() - taken) as usize;
            input = &input[consumed..];
            let ended = !matches!(status, Ok(Status::Ok | Status::BufError));
            if ended || stream.total_out() > limit {
                return false;
            }
            let stuck = consumed == 0 && stream.total_out() == given;
            if stuck || (input.is_empty() && stream.total_out() - given < scratch.len() as u64) {
                return true;
            }
        }
    })?;
    Ok(stream.total_out())
}
