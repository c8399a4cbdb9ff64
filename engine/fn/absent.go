package fn

import (
	"maps"
	"slices"
)

const graphs = "there are no graph operators: join a table of edges with itself, once a step"

// absent are functions of Kusto's that there are none of here, and why.
var absent = map[string]string{
	"cluster":             "it asks another server; a database that is open here is named by database()",
	"external_table":      "there are no external tables: read a file with externaldata",
	"materialized_view":   "there are no materialized views: keep the query as a function and call it",
	"entity_group":        "it names databases of a cluster, and there is one database",
	"stored_query_result": "results are not kept on a server: run tidemark query with --format and keep the file",
	"row_id":              "rows have no number of their own: serialize and row_number() give them one",

	"graph":           graphs,
	"all":             graphs,
	"any":             graphs,
	"map":             graphs,
	"inner_nodes":     graphs,
	"labels":          graphs,
	"node_degree_in":  graphs,
	"node_degree_out": graphs,
	"node_id":         graphs,

	"geo_info_from_ip_address": "it needs a database of addresses, which is licensed and not part of Tidemark: ingest one as a table and use ipv4_lookup",
	"current_node_id":          "there are no nodes: the engine runs within a program",
}

// Absent says why there is no function of a name that Kusto has one of.
func Absent(name string) (why string, ok bool) {
	why, ok = absent[name]
	return why, ok
}

// AbsentNames returns the names that Absent knows, sorted.
func AbsentNames() []string { return slices.Sorted(maps.Keys(absent)) }
