//! Files taken over as they are (fonts, icon), and the style sheets: joined into one, minified, pointing to the hashed fonts.

use std::path::Path;

use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions, StyleSheet};

use crate::inputs::collect;
use crate::site::Site;

/// The order is the cascade's: tokens.css declares the layers.
const SHEETS: [&str; 6] = ["tokens.css", "base.css", "components.css", "layout.css", "pages.css", "print.css"];

/// Adds every file of public/, whatever its folder, under its own name.
pub fn add_public_files(site: &mut Site, public: &Path) -> Result<(), String> {
    let mut files = Vec::new();
    collect(public, &mut files)?;
    files.sort();
    for file in files {
        let Some(name) = file.file_name().and_then(|name| name.to_str()) else {
            return Err(format!("{} has a name that is not text", file.display()));
        };
        site.add(name, crate::read(&file)?)?;
    }
    Ok(())
}

/// Adds `refundry.css`. Files of public/ must be in the site already, because the sheets name fonts by their hashed names.
pub fn add_stylesheet(site: &mut Site, style: &Path) -> Result<(), String> {
    let mut joined = String::new();
    for sheet in SHEETS {
        let text = String::from_utf8(crate::read(&style.join(sheet))?).map_err(|error| format!("{sheet} is not UTF-8: {error}"))?;
        joined.push_str(&text);
    }
    let mut css = minify(&joined)?;
    for (logical, hashed) in site.names() {
        css = css.replace(&format!("fonts/{logical}"), hashed);
    }
    if css.contains("fonts/") {
        return Err("a style sheet names a font that is not in public/fonts".to_owned());
    }
    site.add("refundry.css", css.into_bytes())?;
    Ok(())
}

fn minify(css: &str) -> Result<String, String> {
    let failed = |error: String| format!("cannot minify the style sheets: {error}");
    let mut sheet = StyleSheet::parse(css, ParserOptions::default()).map_err(|error| failed(error.to_string()))?;
    sheet.minify(MinifyOptions::default()).map_err(|error| failed(error.to_string()))?;
    let printed = sheet.to_css(PrinterOptions { minify: true, ..PrinterOptions::default() }).map_err(|error| failed(error.to_string()))?;
    Ok(printed.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minified_styles_keep_nesting_and_both_colour_schemes() {
        let css = minify("@layer a { .b { color: light-dark(#fff, #000); &:hover { margin: 0px; } } }").unwrap();
        assert_eq!(css, "@layer a{.b{color:light-dark(#fff,#000);&:hover{margin:0}}}");
    }

    #[test]
    fn a_font_that_does_not_exist_is_refused() {
        let style = std::env::temp_dir().join(format!("refundry-style-{}", std::process::id()));
        std::fs::create_dir_all(&style).unwrap();
        for sheet in SHEETS {
            std::fs::write(style.join(sheet), "@font-face{font-family:A;src:url(fonts/none.woff2)}").unwrap();
        }
        assert!(add_stylesheet(&mut Site::default(), &style).unwrap_err().contains("not in public/fonts"));
        std::fs::remove_dir_all(style).unwrap();
    }
}
