//! Links that are put in the place of files and folders.

use std::os::unix::fs::symlink;
use std::path::Path;

use crate::common::{Run, Sandbox};

const TARGET: &str = "seeds/flac-hyphens-padding-large.flac";

#[test]
fn a_link_that_the_user_names_is_followed_and_stays_one() {
    let sandbox = Sandbox::new();
    let target = sandbox.take(TARGET, "elsewhere/a.flac");
    std::fs::create_dir(sandbox.path("album")).unwrap();
    symlink(&target, sandbox.path("album/link.flac")).unwrap();
    symlink(sandbox.path("elsewhere"), sandbox.path("folder")).unwrap();
    let written = |arguments: &[&str]| {
        sandbox.run(arguments).expect(0);
        let run = sandbox.run(&["get", "elsewhere/a.flac"]).expect(0);
        assert!(
            std::fs::symlink_metadata(sandbox.path("album/link.flac"))
                .unwrap()
                .is_symlink()
        );
        run.stdout
    };
    assert_eq!(
        written(&["set", "QZTSE2600001", "--replace", "album/link.flac"]),
        "QZTSE2600001\n"
    );
    assert_eq!(
        written(&["set", "QZTSE2600002", "--replace", "folder/a.flac"]),
        "QZTSE2600002\n"
    );
    sandbox.run(&["undo"]).expect(0);
    sandbox.run(&["undo"]).expect(0);
    let code = |text: &str| text.contains("elsewhere/a.flac");
    let run = sandbox.run(&["fix", "folder"]).expect(0);
    assert!(run.stdout.contains("folder/a.flac"), "{}", run.stdout);
    sandbox.run(&["undo"]).expect(0);
    let run = sandbox.run(&["fix", "--follow", "album"]).expect(0);
    assert!(run.stdout.contains("album/link.flac"), "{}", run.stdout);
    let run = sandbox.run(&["undo"]).expect(0);
    assert!(code(&run.stdout), "{}", run.stdout);
    // What is not named is not followed.
    let run = sandbox.run(&["fix", "album"]);
    assert_eq!(
        (run.code, run.stdout.contains("link.flac")),
        (1, false),
        "{}",
        run.stdout
    );
}

fn swapped_before_undo(swap: impl FnOnce(&Sandbox, &Path)) -> (Sandbox, Vec<u8>, Run) {
    let sandbox = Sandbox::new();
    let path = sandbox.take(TARGET, "album/a.flac");
    sandbox.run(&["fix", "album"]).expect(0);
    let new = std::fs::read(&path).unwrap();
    swap(&sandbox, &path);
    let run = sandbox.run(&["undo"]).expect(3);
    (sandbox, new, run)
}

#[test]
fn undo_follows_no_link_that_was_put_in_the_place_of_a_file_or_folder() {
    let (sandbox, new, _) = swapped_before_undo(|sandbox, path| {
        std::fs::rename(path, sandbox.path("victim.flac")).unwrap();
        symlink(sandbox.path("victim.flac"), path).unwrap();
    });
    assert_eq!(std::fs::read(sandbox.path("victim.flac")).unwrap(), new);
    let (sandbox, new, run) = swapped_before_undo(|sandbox, path| {
        std::fs::rename(path.parent().unwrap(), sandbox.path("victim")).unwrap();
        symlink(sandbox.path("victim"), path.parent().unwrap()).unwrap();
    });
    assert!(
        run.stdout.contains("is a link, which is not followed here"),
        "{}",
        run.stdout
    );
    assert_eq!(std::fs::read(sandbox.path("victim/a.flac")).unwrap(), new);
}
