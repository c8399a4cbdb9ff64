package op

import (
	"fmt"
	"slices"

	"tidemark/engine/agg/sketch"
	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/table"
)

func init() {
	registerPlugin(Plugin{
		Name: "narrow", Doc: "Gives a row for each column of each row.",
		Examples: []fn.Example{{Query: `print a=1, b="x" | evaluate narrow() | where Column == "b" | project Value`, Want: `x`}},
		bind:     bindNarrow,
	})
	registerPlugin(Plugin{
		Name: "preview", Doc: "Gives the first rows, and as a second result their number.",
		Params: []string{"NumberOfRows"}, Least: 1,
		Examples: []fn.Example{{Query: `range x from 1 to 9 step 1 | evaluate preview(1)`, Want: `1`}},
		bind:     bindPreview,
	})
	registerPlugin(Plugin{
		Name: "schema_merge", Doc: "Merges the schemas that several getschema give into one.",
		Params:   []string{"PreserveOrder"},
		Examples: []fn.Example{{Query: `datatable(a:long)[] | getschema | evaluate schema_merge()`, Want: `a`}},
		bind:     bindSchemaMerge,
	})
	registerPlugin(Plugin{
		Name: "rows_near", Doc: "Gives the rows that are near those for which a condition is true.",
		Params: []string{"Condition", "NumRows", "RowsAfter"}, Least: 2,
		Examples: []fn.Example{{Query: `range x from 1 to 9 step 1 | evaluate rows_near(x == 5, 1)`, Want: `4`}},
		bind:     bindRowsNear,
	})
	registerPlugin(Plugin{
		Name: "dcount_intersect", Doc: "Estimates from results of hll() how many values sets have in common.",
		Params: []string{"hll_1", "hll_2"}, Least: 1, Rest: "hll",
		Examples: []fn.Example{{Query: `range x from 1 to 9 step 1 | summarize a=hll(x), b=hll(x % 3) | evaluate dcount_intersect(a, b) | project s1`, Want: `2`}},
		bind:     bindDcountIntersect,
	})
}

func bindNarrow(c *pluginCall) Node {
	from := c.in.Columns()
	cols := []table.Column{{Name: "Row", Type: table.Long}, {Name: "Column", Type: table.String}, {Name: "Value", Type: table.String}}
	return c.over(columnRefs(from), cols, func(b *vec.Batch) (*vec.Batch, error) {
		out := newBuilders(cols, b.N*len(from))
		for row := range b.N {
			for i, col := range from {
				out.add(int64(row), col.Name, fn.TextOf(col.Type, b.Cols[i].Value(row)))
			}
		}
		return out.batch(), nil
	})
}

func bindPreview(c *pluginCall) Node {
	n, ok := c.b.rowCount(c.args[0])
	if !ok {
		return nil
	}
	if !c.last {
		c.b.fail(c.call.Span(), "TM016", "use take to see the first rows and go on from there", "preview() gives two results, so it must be the last operator of a query")
		return nil
	}
	in := &shared{in: c.in, cell: &sharedRows{}}
	c.b.also = append(c.b.also, Result{Node: countRows(in, "Count")})
	return &take{in: in, limit: n}
}

// bindSchemaMerge takes the columns in the order in which they first come. One
// whose place differs from that is an error that is shown in the result.
func bindSchemaMerge(c *pluginCall) Node {
	preserve, ok := known(c, 0, table.Bool, true)
	if !ok {
		return nil
	}
	cols := []table.Column{{Name: "ColumnName", Type: table.String}, {Name: "ColumnOrdinal", Type: table.Long}, {Name: "DataType", Type: table.String}, {Name: "ColumnType", Type: table.String}}
	var args []expr.Expr
	for _, col := range cols {
		i, ok := c.rs.find(col.Name)
		if !ok || c.in.Columns()[i].Type.Physical() != col.Type.Physical() {
			c.b.fail(c.call.Span(), "KS142", "usage: union (T1 | getschema), (T2 | getschema) | evaluate schema_merge()", "schema_merge() works on what getschema gives, which has a column %s:%s", col.Name, col.Type)
			return nil
		}
		args = append(args, &expr.Column{Index: i, T: col.Type, Name: col.Name})
	}
	return c.over(args, cols, func(b *vec.Batch) (*vec.Batch, error) { return mergeSchemas(b, cols, preserve), nil })
}

func mergeSchemas(b *vec.Batch, cols []table.Column, preserve bool) *vec.Batch {
	type column struct {
		name, data, typ string
		ordinal         int64
		moved, changed  bool
	}
	var merged []*column
	for row := range b.N {
		name := b.Cols[0].Str(row)
		x := &column{name: name, ordinal: b.Cols[1].Int64(row), data: b.Cols[2].Str(row), typ: b.Cols[3].Str(row)}
		i := slices.IndexFunc(merged, func(m *column) bool { return m.name == name })
		if i < 0 {
			merged = append(merged, x)
			continue
		}
		merged[i].moved = merged[i].moved || preserve && merged[i].ordinal != x.ordinal
		merged[i].changed = merged[i].changed || merged[i].typ != x.typ
	}
	slices.SortStableFunc(merged, func(l, r *column) int {
		switch {
		case l.moved == r.moved:
			return 0
		case l.moved:
			return 1
		}
		return -1
	})
	out := newBuilders(cols, len(merged))
	for i, m := range merged {
		ordinal := int64(i)
		reason := ""
		switch {
		case m.moved:
			reason = "ERROR(columns are out of order)"
		case m.changed:
			reason = "ERROR(columns have different types)"
		}
		if reason != "" {
			ordinal, m.data, m.typ = -1, fmt.Sprintf("ERROR(unknown CSL type:%s)", reason), reason
		}
		out.add(m.name, ordinal, m.data, m.typ)
	}
	return out.batch()
}

func bindRowsNear(c *pluginCall) Node {
	cond := c.b.condition(c.args[0], c.rs)
	before, ok := c.b.rowCount(c.args[1])
	after := before
	if ok && c.args[2] != nil {
		after, ok = c.b.rowCount(c.args[2])
	}
	if cond == nil || !ok {
		return nil
	}
	cols := c.in.Columns()
	return c.over(append(columnRefs(cols), cond), cols, func(b *vec.Batch) (*vec.Batch, error) {
		hits := vec.Selected(b.Cols[len(cols)], b.N)
		b = &vec.Batch{N: b.N, Cols: b.Cols[:len(cols)]}
		var keep []int32
		next := int64(0)
		for _, hit := range hits {
			for i := max(next, int64(hit)-before); i <= min(int64(hit)+after, int64(b.N-1)); i++ {
				keep = append(keep, int32(i))
				next = i + 1
			}
		}
		return b.Gather(keep), nil
	})
}

// bindDcountIntersect adds s0, s1, …: of the first set, of what it has in
// common with the second, of what that has with the third. The size of what n
// sets have in common follows from those of the unions of all choices of them.
func bindDcountIntersect(c *pluginCall) Node {
	var args []expr.Expr
	for _, x := range c.args {
		if x == nil {
			continue
		}
		e := c.b.scalar(x, c.rs)
		if e.Type() != table.Dynamic && e.Type() != table.Unknown {
			c.b.fail(x.Span(), "KS141", "summarize hll(…) gives one", "dcount_intersect() takes results of hll(), not a %s", e.Type())
		}
		args = append(args, e)
	}
	if len(args) > 16 {
		c.b.fail(c.call.Span(), "KS119", "", "dcount_intersect() takes at most 16 sets")
		return nil
	}
	in := c.in.Columns()
	cols := slices.Clone(in)
	for i := range args {
		cols = append(cols, table.Column{Name: uniqueName(cols, "s"+itoa(i)), Type: table.Long})
	}
	return c.over(append(columnRefs(in), args...), cols, func(b *vec.Batch) (*vec.Batch, error) {
		counts := make([]*vec.Builder, len(args))
		for i := range counts {
			counts[i] = vec.NewBuilder(table.Long, b.N)
		}
		for row := range b.N {
			intersections(b.Cols[len(in):], row, counts)
		}
		out := &vec.Batch{N: b.N, Cols: slices.Clone(b.Cols[:len(in)])}
		for _, x := range counts {
			out.Cols = append(out.Cols, vec.Column{Arr: x.Done()})
		}
		return out, nil
	})
}

func intersections(sets []vec.Column, row int, counts []*vec.Builder) {
	unions := []sketch.HLL{{}} // of each choice of the sets so far, by bits; the first is of none
	sizes := []int64{0}
	valid := true
	for i, c := range sets {
		var h sketch.HLL
		if valid && !c.IsNull(row) {
			h, valid = sketch.ParseHLL(c.Str(row))
		} else {
			valid = false
		}
		if !valid {
			counts[i].Null()
			continue
		}
		total := int64(0)
		for k, n := 0, len(unions); k < n; k++ {
			u := sketch.NewHLL(4)
			u.Merge(&h)
			if k > 0 {
				u.Merge(&unions[k])
			}
			unions, sizes = append(unions, u), append(sizes, u.Count())
		}
		for k := 1; k < len(unions); k++ {
			if onesEven(k) {
				total -= sizes[k]
			} else {
				total += sizes[k]
			}
		}
		counts[i].Int64(max(0, total))
	}
}

func onesEven(k int) bool {
	even := true
	for ; k > 0; k &= k - 1 {
		even = !even
	}
	return even
}

// unreachable plugins, by what they need.
func init() {
	for name, service := range map[string]string{
		"python": "a Python sandbox", "r": "an R sandbox", "cosmosdb_sql_request": "Azure Cosmos DB", "azure_digital_twins_query_request": "Azure Digital Twins",
		"http_request": "the network", "http_request_post": "the network", "sql_request": "a SQL server", "mysql_request": "a MySQL server",
		"postgresql_request": "a PostgreSQL server", "ai_embeddings": "Azure OpenAI", "ai_chat_completion": "Azure OpenAI", "ai_chat_completion_prompt": "Azure OpenAI",
		"ai_embed_text": "Azure OpenAI", "infer_storage_schema": "Azure storage", "infer_storage_schema_with_suggestions": "Azure storage",
		"execute_query": "a cluster", "execute_show_command": "a cluster",
	} {
		p := Plugin{Name: name, Doc: "Needs " + service + ", which cannot be reached from here.", Service: service}
		if name == "cosmosdb_sql_request" {
			p.Page = "cosmosdb-plugin"
		}
		registerPlugin(p)
	}
}
