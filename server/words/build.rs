//! Turns the message files into typed sentences, and refuses to build when a language lacks one.
//!
//! English is the model: every other language must have the same files, the same messages, and in each message the same
//! variables. A variable that some language chooses a plural by is a number; all others are text.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use fluent_syntax::ast;

const LANGUAGES: [&str; 5] = ["en", "es", "de", "fr", "ar"];
const PLURALS: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

/// A message as one language writes it.
#[derive(Default)]
struct Message {
    comment: String,
    /// Its variables; true where a number is meant.
    variables: BTreeMap<String, bool>,
}

type File = BTreeMap<String, Message>;

fn main() {
    println!("cargo::rerun-if-changed=messages");
    if let Err(mistake) = generate() {
        println!("cargo::error={mistake}");
    }
}

fn generate() -> Result<(), String> {
    let mut code = String::new();
    let names = file_names("en")?;
    for name in &names {
        let languages = LANGUAGES.iter().map(|language| Ok((*language, read(language, name)?))).collect::<Result<Vec<_>, String>>()?;
        code += &module(name, merge(name, languages)?);
    }
    for language in LANGUAGES {
        if let Some(extra) = file_names(language)?.difference(&names).next() {
            return Err(format!("messages/{language}/{extra}.ftl has no English twin: add messages/en/{extra}.ftl or remove it"));
        }
    }
    code += &sources(&names);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    fs::write(out.join("messages.rs"), code).map_err(|error| format!("messages.rs: {error}"))
}

/// Returns the names of a language's files, without `.ftl`.
fn file_names(language: &str) -> Result<BTreeSet<String>, String> {
    let folder = Path::new("messages").join(language);
    let entries = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()).map_err(|error| format!("{}: {error}", folder.display())));
    paths
        .filter(|path| path.as_ref().is_ok_and(|path| path.extension().is_some_and(|ending| ending == "ftl")))
        .map(|path| Ok(path?.file_stem().and_then(|stem| stem.to_str()).ok_or("a file name that is not text")?.to_owned()))
        .collect()
}

fn read(language: &str, name: &str) -> Result<File, String> {
    let place = format!("messages/{language}/{name}.ftl");
    let text = fs::read_to_string(&place).map_err(|error| format!("{place}: {error}"))?;
    let resource = fluent_syntax::parser::parse(text).map_err(|(_, errors)| {
        let first = errors.first().map(ToString::to_string).unwrap_or_default();
        format!("{place}: {first}")
    })?;
    let mut file = File::new();
    for entry in resource.body {
        let ast::Entry::Message(message) = entry else {
            continue;
        };
        let id = message.id.name;
        let pattern = message.value.ok_or_else(|| format!("{place}: {id} has no text"))?;
        if !message.attributes.is_empty() {
            return Err(format!("{place}: {id} has attributes; write messages of their own"));
        }
        let mut found =
            Message { comment: message.comment.map(|comment| comment.content.join(" ")).unwrap_or_default(), ..Message::default() };
        in_pattern(&pattern, &mut found.variables).map_err(|mistake| format!("{place}: {id} {mistake}"))?;
        if file.insert(id.clone(), found).is_some() {
            return Err(format!("{place}: {id} stands there twice"));
        }
    }
    Ok(file)
}

fn in_pattern(pattern: &ast::Pattern<String>, variables: &mut BTreeMap<String, bool>) -> Result<(), String> {
    pattern.elements.iter().try_for_each(|element| match element {
        ast::PatternElement::TextElement { .. } => Ok(()),
        ast::PatternElement::Placeable { expression } => in_expression(expression, variables),
    })
}

fn in_expression(expression: &ast::Expression<String>, variables: &mut BTreeMap<String, bool>) -> Result<(), String> {
    match expression {
        ast::Expression::Inline(inline) => in_inline(inline, false, variables),
        ast::Expression::Select { selector, variants } => {
            let is_number = variants.iter().all(|variant| match &variant.key {
                ast::VariantKey::Identifier { name } => PLURALS.contains(&name.as_str()),
                ast::VariantKey::NumberLiteral { .. } => true,
            });
            in_inline(selector, is_number, variables)?;
            variants.iter().try_for_each(|variant| in_pattern(&variant.value, variables))
        }
    }
}

fn in_inline(inline: &ast::InlineExpression<String>, is_number: bool, variables: &mut BTreeMap<String, bool>) -> Result<(), String> {
    match inline {
        ast::InlineExpression::StringLiteral { .. } | ast::InlineExpression::NumberLiteral { .. } => Ok(()),
        ast::InlineExpression::VariableReference { id } => {
            *variables.entry(id.name.clone()).or_default() |= is_number;
            Ok(())
        }
        ast::InlineExpression::Placeable { expression } => in_expression(expression, variables),
        ast::InlineExpression::FunctionReference { .. }
        | ast::InlineExpression::MessageReference { .. }
        | ast::InlineExpression::TermReference { .. } => {
            Err("refers to another message or a function; write the whole sentence out".to_owned())
        }
    }
}

/// Returns the English messages, with every language's opinion of which variables are numbers.
fn merge(name: &str, languages: Vec<(&str, File)>) -> Result<File, String> {
    let mut languages = languages.into_iter();
    let (_, mut model) = languages.next().ok_or("no language at all")?;
    for (language, file) in languages {
        let place = format!("messages/{language}/{name}.ftl");
        if let Some(missing) = model.keys().find(|id| !file.contains_key(*id)) {
            return Err(format!("{place}: {missing} is missing; translate it from messages/en/{name}.ftl"));
        }
        for (id, message) in file {
            let english =
                model.get_mut(&id).ok_or_else(|| format!("{place}: {id} is not in messages/en/{name}.ftl; remove it or add it there"))?;
            if !message.variables.keys().eq(english.variables.keys()) {
                let names = |message: &Message| message.variables.keys().map(|name| format!("${name}")).collect::<Vec<_>>().join(" ");
                return Err(format!("{place}: {id} uses [{}], the English one [{}]", names(&message), names(english)));
            }
            for (variable, is_number) in message.variables {
                *english.variables.entry(variable).or_default() |= is_number;
            }
        }
    }
    Ok(model)
}

/// Returns a module of one type per message.
fn module(name: &str, file: File) -> String {
    let mut code = format!("/// The sentences of `messages/*/{name}.ftl`.\npub mod {} {{\n", name.replace('-', "_"));
    for (id, message) in file {
        let camel: String = id.split(['-', '_']).map(capitalised).collect();
        let key = format!("{name}/{id}");
        let comment = if message.comment.is_empty() { format!("The message `{id}`.") } else { message.comment.replace('\n', " ") };
        let borrows = message.variables.values().any(|is_number| !is_number);
        let lifetime = if borrows { "<'a>" } else { "" };
        let _ = writeln!(code, "    /// {comment}\n    #[derive(Clone, Copy, Debug)]");
        if message.variables.is_empty() {
            let _ = writeln!(code, "    pub struct {camel};");
        } else {
            let _ = writeln!(code, "    pub struct {camel}{lifetime} {{");
            for (variable, is_number) in &message.variables {
                let kind = if *is_number { "u64" } else { "&'a str" };
                let _ = writeln!(code, "        /// `${variable}`.\n        pub {}: {kind},", snake(variable));
            }
            let _ = writeln!(code, "    }}");
        }
        let _ = writeln!(code, "    impl crate::Sentence for {camel}{} {{", if borrows { "<'_>" } else { "" });
        let _ = writeln!(code, "        const KEY: &'static str = \"{key}\";");
        let _ = writeln!(code, "        fn values(&self) -> Vec<(&'static str, crate::Value<'_>)> {{\n            vec![");
        for (variable, is_number) in &message.variables {
            let kind = if *is_number { "Number" } else { "Text" };
            let _ = writeln!(code, "                (\"{variable}\", crate::Value::{kind}(self.{})),", snake(variable));
        }
        let _ = writeln!(code, "            ]\n        }}\n    }}\n");
    }
    code + "}\n\n"
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

fn snake(variable: &str) -> String {
    variable.replace('-', "_")
}

/// Returns the text of all files, for the program to read when it first speaks.
fn sources(names: &BTreeSet<String>) -> String {
    let mut code = "const SOURCES: &[(&str, &str, &str)] = &[\n".to_owned();
    for language in LANGUAGES {
        for name in names {
            let _ = writeln!(
                code,
                "    (\"{language}\", \"{name}\", include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/messages/{language}/{name}.ftl\"))),"
            );
        }
    }
    code + "];\n"
}
