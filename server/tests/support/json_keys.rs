//! What documents of other systems are compared by beside their values: the order of their keys.

/// Returns the keys of a JSON text, in the order in which they stand there.
pub fn keys(json: &str) -> Vec<&str> {
    let mut keys = Vec::new();
    let mut rest = json;
    while let Some((_, text)) = rest.split_once('"') {
        let (word, after) = text.split_once('"').expect("a text that ends");
        if after.trim_start().starts_with(':') {
            keys.push(word);
        }
        rest = after;
    }
    keys
}
