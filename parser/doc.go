// Package parser turns the text of a KQL query into a tree, and mistakes in it
// into errors with a place and a way out.
//
//	query, errs := parser.Parse(text)
//	if errs.Fatal() { … }            // errs may also hold warnings only
//	for _, e := range errs { fmt.Print(e.Render(text, width)) }
//
// Parse returns as much of the tree as it could read and all that is wrong; it
// never panics. Format writes a tree as text in one style, with the comments of
// the text it came from. Incomplete tells a prompt to wait for more text.
// Operators and Keywords describe the language for help and completion.
//
// # The grammar
//
//	query      = [ statement { ";" statement } ] | "." command
//	statement  = "let" name "=" ( pipeline | function )
//	           | "set" name [ "=" value ] | "alias" "database" name "=" value
//	           | "declare" "query_parameters" params | "declare" "pattern" …
//	           | "restrict" "access" "to" "(" table { "," table } ")" | pipeline
//	function   = [ "view" ] params "{" { statement ";" } [ pipeline ] "}"
//	params     = "(" [ name ":" ( type | schema | "(*)" ) [ "=" literal ] { "," … } ] ")"
//	pipeline   = ( value | operator ) { "|" operator }
//	value      = or
//	or         = and { "or" and }
//	and        = equality { "and" equality }
//	equality   = relation [ ( "==" | "!=" | "<>" ) relation | in "(" … ")" | between "(" value ".." value ")" ]
//	relation   = sum [ ( "<" | "<=" | ">" | ">=" ) sum ]
//	sum        = product { ( "+" | "-" ) product }
//	product    = text { ( "*" | "/" | "%" ) text }
//	text       = sign [ ( "has" | "contains" | "=~" | "matches regex" | … ) sign ]
//	sign       = [ "-" | "+" ] postfix
//	postfix    = primary { "." name | "." call | "[" value "]" }
//	primary    = literal | name | call | "(" pipeline ")" | datatable | externaldata | typeof
//	call       = name "(" [ argument { "," argument } ] ")"
//	argument   = [ name "=" ] value | "*"
//	name       = word | "['" text "']" | "{" word "}"
//
// Comparisons do not chain, and string operators bind tighter than arithmetic,
// as in Kusto. Words are not reserved but for the few in name.go; a column may
// be called count or type. The grammar of each operator is in the tags of its
// struct.
//
// # How it works
//
// The scanner (lexer.go, string.go) is written by hand and never fails: what is
// not KQL becomes a token that is reported where it stands. Expressions are read
// by precedence climbing over one table (expr.go), pipelines by a loop
// (pipeline.go) that looks up the operator's keyword and hands over to its
// participle grammar. After a mistake the loop goes on at the next stage. All
// recursion passes a bracket, so the scanner limits the depth.
//
// # How to add an operator
//
// Write one file op_name.go with
//
//   - the node: a struct with node embedded, exported fields and a Keyword method;
//   - its grammar in parser:"…" tags, on the node itself or, where the tree should
//     differ from the text, on a private struct with an operator method that
//     converts. Sub-structs take their place from a Tokens field. Productions to
//     use in tags: Expr (which may be named), and those of item.go, name.go,
//     option.go, pipeline.go;
//   - register[grammar](usage, sentence, keyword, aliases…), followed by
//     options(…) where it has parameters besides hint.*.
//
// One token decides in all grammars: there is no backtracking. A check method
// may add errors that the grammar cannot express. A format method, which stands
// in format_op*.go, writes the operator. Then add a query to accepted in
// parse_test.go; a test fails until every operator is in it.
//
// The tree holds all that the text says, or Format would lose it; what it does
// not hold, such as the spelling of a literal, Format takes from the tokens.
package parser
