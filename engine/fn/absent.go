package fn

import (
	"maps"
	"slices"
)

// absent are functions of Kusto's that there are none of here, and why.
var absent = map[string]string{
	"cluster":             "it asks another server; a database that is open here is named by database()",
	"external_table":      "there are no external tables: read a file with externaldata",
	"materialized_view":   "there are no materialized views: keep the query as a function and call it",
	"entity_group":        "it names databases of a cluster, and there is one database",
	"stored_query_result": "results are not kept on a server: run tidemark query with --format and keep the file",
	"row_id":              "rows have no number of their own: serialize and row_number() give them one",
	"graph":               "there are no stored graph models: make a graph of rows with make-graph",
	"current_node_id":     "there are no nodes: the engine runs within a program",
}

// Absent says why there is no function of a name that Kusto has one of.
func Absent(name string) (why string, ok bool) {
	why, ok = absent[name]
	return why, ok
}

// AbsentNames returns the names that Absent knows, sorted.
func AbsentNames() []string { return slices.Sorted(maps.Keys(absent)) }
