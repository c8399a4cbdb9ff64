// Package tidemark is an embedded query engine that speaks KQL, the Kusto
// Query Language, over change logs: what changed on your servers, when, and
// what it was before. Agents' reports go in (package ingest), are kept in
// columns on disk (storage), and are asked about in KQL (parser, engine).
//
//	db, err := tidemark.Open("changes.db")
//	…
//	stats, err := db.Ingest(ctx, file, tidemark.IngestOptions{})
//	result, err := db.Query(ctx, `ConfigurationChange | summarize count() by Computer`)
//
// A result has a table for each statement of the query that makes rows. A
// table is read row by row (Rows) or as Arrow records (Records).
//
// The packages, and what each knows of the others:
//
//	table     the words all share: types, values, schemas, sources, sinks
//	parser    text to tree
//	engine    tree to answers; below it vec, fn, agg, expr, op
//	storage   tables on disk
//	ingest    bytes to rows
//	output    rows to bytes
//	repl      the prompt
//
// docs/architecture.md says how a query and a record pass through them.
package tidemark
