package fn

// What the binder knows of whole tables and of graphs.
func init() {
	for _, s := range []Scalar{
		{
			Name: "materialize", Usage: []string{"materialize(table): table"},
			Doc:      "Computes a query once, for all places that name its result.",
			Examples: []Example{{`let T = materialize(range x from 1 to 3 step 1); T | extend most = toscalar(T | summarize max(x)) | where x == most | count`, `1`}},
		},
		{
			Name: "table", Usage: []string{"table(string): table"},
			Doc:      "Gives the table of a name that is known as a text.",
			Examples: []Example{{`let name = "Heartbeat"; table(name) | getschema | where ColumnName == "OSType" | project ColumnType`, `string`}},
		},
		{
			Name: "database", Usage: []string{"database(string): database"},
			Doc:      "Names the database that is open, before a table of it; there is no other.",
			Examples: []Example{{`database("NetDefaultDB").Heartbeat | getschema | where ColumnName == "OSType" | project ColumnType`, `string`}},
		},
	} {
		s.Family = "tables"
		special(s)
	}
	graphSpecials()
}

// graphExample finds in a small graph the way from a over one or two steps.
const graphExample = `datatable(s:string, t:string, w:long)["a", "b", 1, "b", "c", 2] | make-graph s --> t with_node_id=id | graph-match (x)-[e*1..2]->(y) where x.id == "a" and y.id == "c" project `

func graphSpecials() {
	for _, s := range []Scalar{
		{Name: "all", Page: "all-graph-function", Usage: []string{"all(edge, bool): bool", "all(inner_nodes(edge), bool): bool"}, Doc: "Tells whether a condition holds for all edges of a path, or all nodes within it.",
			Examples: []Example{{graphExample + `all(e, w < 3)`, `true`}}},
		{Name: "any", Page: "any-graph-function", Usage: []string{"any(edge, bool): bool", "any(inner_nodes(edge), bool): bool"}, Doc: "Tells whether a condition holds for any edge of a path, or any node within it.",
			Examples: []Example{{graphExample + `any(e, w > 2)`, `false`}}},
		{Name: "map", Page: "map-graph-function", Usage: []string{"map(edge, scalar): dynamic", "map(inner_nodes(edge), scalar): dynamic"}, Doc: "Gives an array of a value of each edge of a path, or of each node within it.",
			Examples: []Example{{graphExample + `map(e, w * 10)`, `[10,20]`}}},
		{Name: "inner_nodes", Page: "inner-nodes-graph-function", Usage: []string{"inner_nodes(edge)"}, Doc: "Stands for the nodes between the ends of a path, in all(), any() and map().",
			Examples: []Example{{graphExample + `map(inner_nodes(e), id)`, `["b"]`}}},
		{Name: "labels", Page: "labels-graph-function", Usage: []string{"labels([node or edge]): dynamic"}, Doc: "Gives the labels of a node or an edge: none, as graphs made of rows have no labels.",
			Examples: []Example{{graphExample + `labels(x)`, `[]`}}},
		{Name: "node_id", Page: "node-id", Usage: []string{"node_id([node]): scalar"}, Doc: "Gives what a node is known by in the graph.",
			Examples: []Example{{graphExample + `isnotempty(node_id(x))`, `true`}}},
		{Name: "node_degree_in", Page: "node-degree-in", Usage: []string{"node_degree_in([node]): long"}, Doc: "Counts the edges that end at a node.",
			Examples: []Example{{graphExample + `node_degree_in(y)`, `1`}}},
		{Name: "node_degree_out", Page: "node-degree-out", Usage: []string{"node_degree_out([node]): long"}, Doc: "Counts the edges that begin at a node.",
			Examples: []Example{{graphExample + `node_degree_out(y)`, `0`}}},
	} {
		s.Family = "graph"
		special(s)
	}
}
