//! Ogg files built page by page, and read back packet by packet.

use super::super::vorbis::testing::list;
use super::*;

pub(super) fn checksum(bytes: &[u8]) -> u32 {
    let mut digest = page::Checksum::new();
    digest.update(bytes);
    digest.finalize()
}

/// One logical stream being written.
#[derive(Clone)]
pub(super) struct Stream {
    pub(super) serial: u32,
    pub(super) sequence: u32,
}

impl Stream {
    pub(super) fn with_sequence(mut self, sequence: u32) -> Stream {
        self.sequence = sequence;
        self
    }

    pub(super) fn page(&mut self, flags: u8, granule: i64, segments: &[u8], body: &[u8]) -> Vec<u8> {
        let mut page = b"OggS\0".to_vec();
        page.push(flags);
        page.extend_from_slice(&granule.to_le_bytes());
        page.extend_from_slice(&self.serial.to_le_bytes());
        page.extend_from_slice(&self.sequence.to_le_bytes());
        page.extend_from_slice(&[0; 4]);
        page.push(segments.len() as u8);
        page.extend_from_slice(segments);
        page.extend_from_slice(body);
        let sum = checksum(&page);
        page[22..26].copy_from_slice(&sum.to_le_bytes());
        self.sequence += 1;
        page
    }

    /// Whole packets over pages of `counts` segments; the last page takes what is left.
    pub(super) fn pages(&mut self, flags: u8, granule: i64, packets: &[Vec<u8>], counts: &[usize]) -> Vec<Vec<u8>> {
        let mut segments = Vec::new();
        for packet in packets {
            segments.resize(segments.len() + packet.len() / 255, 255u8);
            segments.push((packet.len() % 255) as u8);
        }
        let body = packets.concat();
        let (mut done, mut at, mut pages, mut continued) = (0, 0, Vec::new(), 0);
        for index in 0..=counts.len() {
            let count = counts.get(index).copied().unwrap_or(segments.len() - done);
            let mine = &segments[done..done + count];
            let len: usize = mine.iter().map(|lacing| usize::from(*lacing)).sum();
            let granule = if mine.iter().any(|lacing| *lacing < 255) {
                granule
            } else {
                -1
            };
            pages.push(self.page(flags | continued, granule, mine, &body[at..at + len]));
            continued = u8::from(mine.last() == Some(&255));
            done += count;
            at += len;
        }
        assert!(segments.len() == done && pages.len() == counts.len() + 1);
        pages
    }
}

/// A file to build: what an edit may change are the comments, what is behind them, and the segments of their pages.
#[derive(Clone)]
pub(super) struct Recipe {
    pub(super) format: Format,
    pub(super) comments: Vec<String>,
    /// Behind the list (and the framing bit).
    pub(super) tail: Vec<u8>,
    /// Packets that share the pages of the comments.
    pub(super) behind: Vec<Vec<u8>>,
    /// Segments of the comments' pages but the last.
    pub(super) counts: Vec<usize>,
    /// A page of another stream behind each page.
    pub(super) is_multiplexed: bool,
    /// The second page of the comments is right behind the first, with no page of another stream between.
    pub(super) is_further_page: bool,
    /// A second link with these comments.
    pub(super) chained: Option<Vec<String>>,
}

pub(super) fn recipe(format: Format, comments: &[&str]) -> Recipe {
    let setup = b"\x05vorbis setup, which may share the page".repeat(9);
    Recipe {
        format,
        comments: comments.iter().map(|entry| entry.to_string()).collect(),
        tail: Vec::new(),
        behind: if format == Format::OggVorbis {
            vec![setup]
        } else {
            Vec::new()
        },
        counts: Vec::new(),
        is_multiplexed: false,
        is_further_page: false,
        chained: None,
    }
}

pub(super) fn zeros(len: usize) -> Vec<u8> {
    vec![0; len]
}

impl Recipe {
    pub(super) fn with(mut self, change: impl FnOnce(&mut Recipe)) -> Recipe {
        change(&mut self);
        self
    }

    pub(super) fn comments(&self, comments: &[&str], tail: Vec<u8>) -> Recipe {
        let mut new = self.clone();
        new.comments = comments.iter().map(|entry| entry.to_string()).collect();
        new.tail = tail;
        new
    }

    pub(super) fn head(&self) -> Vec<u8> {
        let codec = CODECS.iter().find(|codec| codec.format == self.format).unwrap();
        [codec.head, b" and the rest of the head"].concat()
    }

    pub(super) fn packet(&self) -> Vec<u8> {
        let list = list(&self.comments);
        match self.format {
            Format::OggVorbis => [b"\x03vorbis".as_slice(), &list, &[1], &self.tail].concat(),
            Format::OggOpus => [b"OpusTags".as_slice(), &list, &self.tail].concat(),
            Format::OggFlac => {
                let mut packet = ((list.len() + self.tail.len()) as u32).to_be_bytes().to_vec();
                packet[0] = 4;
                [packet, list, self.tail.clone()].concat()
            }
            _ => [list, self.tail.clone()].concat(),
        }
    }

    pub(super) fn build(&self) -> Vec<u8> {
        let mut stream = Stream { serial: 7, sequence: 0 };
        let mut other = Stream { serial: 8, sequence: 0 };
        let mut file = stream.page(2, 0, &[self.head().len() as u8], &self.head());
        if self.is_multiplexed {
            file.extend(other.page(2, 0, &[5], b"other"));
        }
        let headers = [vec![self.packet()], self.behind.clone()].concat();
        let mut pages = stream.pages(0, 0, &headers, &self.counts);
        for number in 1..=3 {
            let last = if number == 3 { 4 } else { 0 };
            pages.extend(stream.pages(last, number * 960, &[b"audio ".repeat(50), b"more".to_vec()], &[]));
        }
        for (index, page) in pages.into_iter().enumerate() {
            file.extend(page);
            if self.is_multiplexed && !(index == 0 && self.is_further_page) {
                file.extend(other.page(0, 5, &[9], b"not audio"));
            }
        }
        if let Some(comments) = &self.chained {
            let mut link = Stream { serial: 9, sequence: 0 };
            file.extend(link.page(2, 0, &[self.head().len() as u8], &self.head()));
            let entries: Vec<&str> = comments.iter().map(String::as_str).collect();
            let packet = self.comments(&entries, Vec::new()).packet();
            file.extend(link.pages(0, 0, &[packet], &[]).concat());
            file.extend(link.pages(4, 960, &[b"second".to_vec()], &[]).concat());
        }
        file
    }
}

/// The packets of one stream, read back page by page, with the claims that every stream fulfils: right checksums,
/// numbers in order, continued flags where packets go on.
pub(super) fn packets(file: &[u8], serial: u32) -> Vec<Vec<u8>> {
    let bytes = file.to_vec();
    let mut source = Source::new(&bytes);
    let (mut at, mut sequence, mut packets, mut open) = (0, 0, Vec::new(), Vec::new());
    while at < file.len() as u64 {
        let page = Page::read(&mut source, at).unwrap();
        at = page.end();
        let mut whole = file[page.at as usize..page.end() as usize].to_vec();
        whole[22..26].fill(0);
        assert_eq!(checksum(&whole), page.checksum, "{page:?}");
        if page.serial != serial {
            continue;
        }
        assert_eq!(
            (page.sequence, page.flags & 1 != 0),
            (sequence, !open.is_empty()),
            "{page:?}"
        );
        sequence += 1;
        let mut body = page.body_at() as usize;
        for lacing in page.segments() {
            open.extend_from_slice(&file[body..body + usize::from(*lacing)]);
            body += usize::from(*lacing);
            if *lacing < 255 {
                packets.push(std::mem::take(&mut open));
            }
        }
        let completes = page.segments().iter().any(|lacing| *lacing < 255);
        assert_eq!(page.granule != [0xff; 8], completes, "{page:?}");
    }
    packets
}
