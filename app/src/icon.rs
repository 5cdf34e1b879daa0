//! Line icons on a 16 px grid. Decoration: the words beside them say what is meant.

use leptos::prelude::*;

/// Which icon.
#[cfg_attr(not(feature = "ssr"), expect(dead_code, reason = "islands show few of them"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Alert,
    Audit,
    Back,
    Check,
    Clipboard,
    Clock,
    Copy,
    Cross,
    Download,
    Forward,
    Globe,
    Health,
    Home,
    Invoice,
    Lock,
    Open,
    Passkey,
    Plane,
    Plus,
    Refund,
    Retry,
    Scan,
    Search,
    Settings,
    Shield,
    SignOut,
    Sliders,
    Warning,
}

impl Shape {
    const fn markup(self) -> &'static str {
        match self {
            Self::Alert => r#"<circle cx="8" cy="8" r="5.8"/><path d="M8 5v3.5M8 10.9v.1"/>"#,
            Self::Audit => r#"<path d="M3 4h10M3 8h10M3 12h6"/>"#,
            Self::Back => r#"<path d="M13 8H3M6.7 4.3 3 8l3.7 3.7"/>"#,
            Self::Check => r#"<circle cx="8" cy="8" r="5.8"/><path d="m5.5 8.2 1.8 1.8 3.3-3.8"/>"#,
            Self::Clipboard => r#"<path d="M6 3.5H4.5v10h7v-10H10"/><rect x="6" y="2.2" width="4" height="2.6" rx=".8"/>"#,
            Self::Clock => r#"<circle cx="8" cy="8" r="5.8"/><path d="M8 4.8V8l2.2 1.6"/>"#,
            Self::Copy => r#"<rect x="5.5" y="5.5" width="7.5" height="7.5" rx="1.5"/><path d="M10.5 3h-6A1.5 1.5 0 0 0 3 4.5v6"/>"#,
            Self::Cross => r#"<path d="m4 4 8 8M12 4l-8 8"/>"#,
            Self::Download => r#"<path d="M8 2.7v7.6M4.7 7.3 8 10.6l3.3-3.3M3 13.3h10"/>"#,
            Self::Forward => r#"<path d="M3 8h10M9.3 4.3 13 8l-3.7 3.7"/>"#,
            Self::Globe => {
                r#"<circle cx="8" cy="8" r="5.8"/><path d="M2.2 8h11.6M8 2.2c2 2 2.5 4 2.5 5.8S10 12 8 13.8C6 12 5.5 10 5.5 8S6 4.2 8 2.2z"/>"#
            }
            Self::Health => r#"<path d="M2 8.5h2.7L6.5 4l3 8 1.8-3.5H14"/>"#,
            Self::Home => r#"<path d="M3 7.2 8 3l5 4.2V13H9.7V9.6H6.3V13H3z"/>"#,
            Self::Invoice => r#"<path d="M4 2.5h8v11l-2-1.3-2 1.3-2-1.3-2 1.3zM6.3 5.7h3.4M6.3 8.3h3.4"/>"#,
            Self::Lock => r#"<rect x="3.5" y="7" width="9" height="6.5" rx="1.4"/><path d="M5.5 7V5a2.5 2.5 0 0 1 5 0v2"/>"#,
            Self::Open => r#"<path d="M9 3h4v4M13 3 7.5 8.5M11 9.5V13H3V5h3.5"/>"#,
            Self::Passkey => {
                r#"<path d="M4 11.5c.6-1.2.8-2.3.8-3.7a3.2 3.2 0 0 1 6.4 0c0 1 0 2-.2 3M8 7.8c0 2-.3 3.7-1.2 5.5M9.7 13.2c.4-1 .6-2 .7-3M2.8 8.7A5.3 5.3 0 0 1 8 2.5c1.7 0 3.2.8 4.2 2"/>"#
            }
            Self::Plane => r#"<path d="M13.5 2.5 7 9M13.5 2.5l-4 11L7 9 2.5 6.5z"/>"#,
            Self::Plus => r#"<path d="M8 3v10M3 8h10"/>"#,
            Self::Refund => r#"<path d="M5.6 3 3 5.6l2.6 2.6M3 5.6h6.3a3.7 3.7 0 0 1 0 7.4H5"/>"#,
            Self::Retry => r#"<path d="M13 3v3.5H9.5M12.7 6.5A5.2 5.2 0 1 0 13.2 9"/>"#,
            Self::Scan => r#"<path d="M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3M3 8h10"/>"#,
            Self::Search => r#"<circle cx="7" cy="7" r="4.2"/><path d="m10.2 10.2 3.3 3.3"/>"#,
            Self::Settings => {
                r#"<circle cx="8" cy="8" r="2"/><path d="M8 2.2v1.6M8 12.2v1.6M2.2 8h1.6M12.2 8h1.6M3.9 3.9 5 5M11 11l1.1 1.1M12.1 3.9 11 5M5 11l-1.1 1.1"/>"#
            }
            Self::Shield => r#"<path d="M8 2.2 13 4v4c0 3-2 5-5 6-3-1-5-3-5-6V4z"/>"#,
            Self::SignOut => r#"<path d="M6.5 3H3v10h3.5M6.5 8H13M10.3 5.3 13 8l-2.7 2.7"/>"#,
            Self::Sliders => {
                r#"<path d="M2.5 4.5h6M12 4.5h1.5M2.5 11.5H4M7.5 11.5h6"/><circle cx="10.2" cy="4.5" r="1.6"/><circle cx="5.7" cy="11.5" r="1.6"/>"#
            }
            Self::Warning => r#"<path d="M8 2.6 14 13H2zM8 6.5v3M8 11.3v.1"/>"#,
        }
    }

    const fn points_along_the_line(self) -> bool {
        match self {
            Self::Back | Self::Forward | Self::SignOut => true,
            Self::Alert
            | Self::Audit
            | Self::Check
            | Self::Clipboard
            | Self::Clock
            | Self::Copy
            | Self::Cross
            | Self::Download
            | Self::Globe
            | Self::Health
            | Self::Home
            | Self::Invoice
            | Self::Lock
            | Self::Open
            | Self::Passkey
            | Self::Plane
            | Self::Plus
            | Self::Refund
            | Self::Retry
            | Self::Scan
            | Self::Search
            | Self::Settings
            | Self::Shield
            | Self::Sliders
            | Self::Warning => false,
        }
    }
}

/// One icon.
#[component]
pub(crate) fn Icon(shape: Shape, #[prop(optional)] large: bool) -> impl IntoView {
    let class = match (large, shape.points_along_the_line()) {
        (true, _) => "icon lg",
        (false, true) => "icon flip",
        (false, false) => "icon",
    };
    view! { <svg class=class viewBox="0 0 16 16" aria-hidden="true" inner_html=shape.markup()></svg> }
}
