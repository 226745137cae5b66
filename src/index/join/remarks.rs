//! Whether scans belong together, and whether all parts are there.

use std::collections::BTreeMap;

use super::input::Input;
use crate::index::About;

/// Parts that are missing or there twice, and inputs that do not belong together.
pub fn remarks_on(inputs: &[Input]) -> Vec<String> {
    let mut remarks = Vec::new();
    let abouts: Vec<(&str, &About)> = inputs
        .iter()
        .filter_map(|input| Some((&*input.path, input.about.as_ref()?)))
        .collect();
    let Some((first, of_first)) = abouts.first() else {
        return remarks;
    };
    for (path, about) in &abouts[1..] {
        if about.roots != of_first.roots {
            let (a, b) = (of_first.roots_in_words(), about.roots_in_words());
            remarks.push(format!("{first} is of {a}, and {path} is of {b}"));
        }
        if about.options != of_first.options {
            let (a, b) = (of_first.options_in_words(), about.options_in_words());
            remarks.push(format!("{first} was made {a}, and {path} {b}"));
        }
        if about.version != of_first.version {
            let (a, b) = (&of_first.version, &about.version);
            remarks.push(format!(
                "{first} was made by isrctag {a}, and {path} by {b}, which may judge otherwise"
            ));
        }
    }
    let mut by_number: BTreeMap<u32, BTreeMap<u32, Vec<&str>>> = BTreeMap::new();
    for (path, about) in &abouts {
        let part = about.part.as_ref().and_then(|part| part.split_once('/'));
        if let Some((number, of)) = part
            && let (Ok(number), Ok(of)) = (number.parse(), of.parse())
        {
            by_number.entry(of).or_default().entry(number).or_default().push(path);
        }
    }
    for (of, parts) in by_number {
        let missing: Vec<String> = (1..=of)
            .filter(|part| !parts.contains_key(part))
            .map(|part| part.to_string())
            .collect();
        if !missing.is_empty() {
            remarks.push(format!("of {of} parts, these are missing: {}", missing.join(", ")));
        }
        for (part, paths) in parts.into_iter().filter(|(_, paths)| paths.len() > 1) {
            remarks.push(format!(
                "part {part}/{of} is there {} times: {}",
                paths.len(),
                paths.join(", ")
            ));
        }
    }
    remarks
}
