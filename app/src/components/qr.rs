//! QR codes, drawn on the server as one SVG path: no script, no picture to load.

use leptos::prelude::*;
use qrcode::{Color, QrCode};

/// A QR code of a text. `label` says in words what it is of; nothing is drawn of a text that is too long for one.
#[component]
pub(crate) fn Qr(#[prop(into)] text: String, #[prop(into)] label: String) -> impl IntoView {
    let code = QrCode::new(text.as_bytes()).ok()?;
    let (width, path) = (code.width(), path(&code));
    Some(view! {
        <div class="qr">
            <svg viewBox=format!("0 0 {width} {width}") role="img" aria-label=label shape-rendering="crispEdges">
                <path fill="currentColor" d=path />
            </svg>
        </div>
    })
}

/// Draws each row's runs of dark squares as bars.
fn path(code: &QrCode) -> String {
    let (width, colours) = (code.width(), code.to_colors());
    let mut path = String::new();
    for (y, row) in colours.chunks(width).enumerate() {
        let mut x = 0_usize;
        for run in row.chunk_by(|one, next| one == next) {
            if run.first() == Some(&Color::Dark) {
                path.push_str(&format!("M{x} {y}h{length}v1h-{length}z", length = run.len()));
            }
            x = x.saturating_add(run.len());
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_begins_with_the_corner_that_scanners_look_for() {
        let code = QrCode::new(b"TDD97yguPESTpcrJMqU6h2ozZbibv4Vaqm").expect("a code");
        let path = path(&code);
        assert!(path.starts_with("M0 0h7v1h-7z"), "{path}");
        assert!(path.contains("M0 1h1v1h-1zM6 1h1v1h-1z"), "the corner is hollow: {path}");
    }
}
