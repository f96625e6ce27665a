//! Types of columns by one name, however they are written.

/// The type as PostgreSQL's catalogue names it (`timestamp with time zone`), and what stands in its parentheses.
pub(super) fn canonical(written: &str) -> (String, Vec<u64>) {
    let (name, rest) = written.split_once('(').unwrap_or((written, ""));
    let (sizes, after) = rest.split_once(')').unwrap_or((rest, ""));
    let sizes = sizes.split(',').filter_map(|size| size.trim().parse().ok()).collect();
    let bare = format!("{}{after}", name.trim_end()).trim().to_lowercase();
    let one_name = match bare.as_str() {
        "int" | "int4" | "serial" => "integer",
        "int8" | "bigserial" => "bigint",
        "int2" | "smallserial" => "smallint",
        "decimal" | "dec" => "numeric",
        "varchar" => "character varying",
        "char" | "bpchar" => "character",
        "bool" => "boolean",
        "float4" => "real",
        "float8" | "float" | "double" => "double precision",
        "timestamptz" => "timestamp with time zone",
        "timestamp" => "timestamp without time zone",
        "time" => "time without time zone",
        other => other,
    };
    (one_name.to_string(), sizes)
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn a_type_has_one_name() {
        let name = |written: &str| canonical(written).0;
        assert_eq!(name("INT8"), name("bigint"));
        assert_eq!(name("TIMESTAMP(3) WITH TIME ZONE"), "timestamp with time zone");
        assert_eq!(name("timestamp (3) with time zone"), name("TIMESTAMPTZ"));
        assert_eq!(canonical("DECIMAL(10, 2)"), ("numeric".into(), vec![10, 2]));
        assert_eq!(canonical("mood"), ("mood".into(), Vec::new()));
    }
}
