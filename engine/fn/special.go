package fn

import (
	"maps"
	"slices"
	"strings"
)

// specials are the functions that the binder computes itself: they read rows
// other than their own, names of columns, or whole tables. Here is what the
// documentation says of them; Usage stands for the overloads.
var specials = map[string]*Scalar{}

// Special returns what is documented of a function that the binder computes.
func Special(name string) (*Scalar, bool) {
	s, ok := specials[name]
	return s, ok
}

// Describe returns the entry of any function, whoever computes it.
func Describe(name string) (*Scalar, bool) {
	if s, ok := specials[name]; ok {
		return s, true
	}
	return Lookup(name)
}

// Documented returns the entries of all functions, by name.
func Documented() []*Scalar {
	out := All()
	for name, s := range specials {
		if _, ok := scalars[name]; name == s.Name && !ok {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b *Scalar) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// DocumentedNames returns the names and aliases of all functions, sorted.
func DocumentedNames() []string {
	names := maps.Clone(scalars)
	maps.Copy(names, specials)
	return slices.Sorted(maps.Keys(names))
}

func special(s Scalar) {
	for _, name := range append([]string{s.Name}, s.Aliases...) {
		if specials[name] != nil {
			panic("BUG: two functions are named " + name)
		}
		specials[name] = &s
	}
}

func init() {
	special(Scalar{
		Name: "toscalar", Family: "conditional", Usage: []string{"toscalar(table): scalar"},
		Doc:      "Returns the first value of a query's first column, computed once before the rest.",
		Examples: []Example{{`let most = toscalar(range x from 1 to 5 step 1 | summarize max(x)); print most`, `5`}},
	})
	special(Scalar{
		Name: "column_ifexists", Aliases: []string{"columnifexists"}, Family: "columns", Usage: []string{"column_ifexists(string, scalar): scalar"},
		Page:     "column-ifexists-function",
		Doc:      "Returns the column of that name where there is one, and otherwise the second argument.",
		Examples: []Example{{`print a = 1 | project column_ifexists("b", a + 1)`, `2`}},
	})
	special(Scalar{
		Name: "iscolumnexists", Family: "columns", Usage: []string{"iscolumnexists(string): bool"}, Page: "column-ifexists-function",
		Doc:      "Tells whether there is a column of that name.",
		Examples: []Example{{`print a = 1 | project iscolumnexists("a")`, `true`}},
	})
	special(Scalar{
		Name: "column_names_of", Family: "columns", Usage: []string{"column_names_of(table): dynamic"},
		Doc:      "Returns the names of a table's columns as an array.",
		Examples: []Example{{`let T = datatable(a:long, b:string)[]; print column_names_of(T)`, `["a","b"]`}},
	})
	special(Scalar{
		Name: "pack_all", Family: "columns", Usage: []string{"pack_all([bool]): dynamic"},
		Doc:      "Makes a property bag of all columns, without those that are null or empty where the argument is true.",
		Examples: []Example{{`print a = 1, b = "x" | project pack_all()`, `{"a":1,"b":"x"}`}},
	})
	special(Scalar{
		Name: "bag_pack_columns", Family: "columns", Usage: []string{"bag_pack_columns(column, …): dynamic"},
		Doc:      "Makes a property bag of columns.",
		Examples: []Example{{`print a = 1, b = "x", c = 2 | project bag_pack_columns(a, b)`, `{"a":1,"b":"x"}`}},
	})
	special(Scalar{
		Name: "bin_auto", Family: "rounding", Naming: ByFirst, Usage: []string{"bin_auto(number): number", "bin_auto(datetime): datetime", "bin_auto(timespan): timespan"},
		Doc:      "Rounds a value down to a multiple of query_bin_auto_size, counted from query_bin_auto_at; both are set before the query.",
		Examples: []Example{{`set query_bin_auto_size=1h; print bin_auto(datetime(2017-01-01 10:05))`, `2017-01-01T10:00:00.0000000Z`}},
	})
	windowFunctions()
	ingestionFunctions()
}

func windowFunctions() {
	special(Scalar{
		Name: "row_number", Family: "window", Usage: []string{"row_number([long], [bool]): long"},
		Doc:      "Numbers the rows from 1, or from the first argument, anew wherever the second is true.",
		Examples: []Example{{`range x from 5 to 7 step 1 | serialize n = row_number() | summarize sum(n)`, `6`}},
	})
	for _, f := range []struct{ name, doc, want string }{
		{"prev", "Returns a value of the row before, or of as many rows before, or a default where there is none.", "5"},
		{"next", "Returns a value of the row after, or of as many rows after, or a default where there is none.", "7"},
	} {
		special(Scalar{
			Name: f.name, Family: "window", Usage: []string{f.name + "(scalar, [long], [scalar]): scalar"}, Doc: f.doc,
			Examples: []Example{{`range x from 5 to 7 step 1 | serialize y = ` + f.name + `(x) | where x == 6 | project y`, f.want}},
		})
	}
	special(Scalar{
		Name: "row_cumsum", Family: "window", Usage: []string{"row_cumsum(number, [bool]): number"},
		Doc:      "Adds up a number over the rows so far, anew wherever the second argument is true.",
		Examples: []Example{{`range x from 1 to 4 step 1 | serialize s = row_cumsum(x) | summarize max(s)`, `10`}},
	})
	special(Scalar{
		Name: "row_rank_dense", Family: "window", Usage: []string{"row_rank_dense(scalar, [bool]): long"},
		Doc:      "Numbers the different values of a column that the rows are sorted by.",
		Examples: []Example{{`datatable(x:long)[3, 3, 5] | serialize r = row_rank_dense(x) | summarize make_list(r)`, `[1,1,2]`}},
	})
	special(Scalar{
		Name: "row_rank_min", Family: "window", Usage: []string{"row_rank_min(scalar, [bool]): long"},
		Doc:      "Returns for the values of a column that the rows are sorted by the number of the first row with the same.",
		Examples: []Example{{`datatable(x:long)[3, 3, 5] | serialize r = row_rank_min(x) | summarize make_list(r)`, `[1,1,3]`}},
	})
	special(Scalar{
		Name: "row_window_session", Family: "window", Usage: []string{"row_window_session(datetime, timespan, timespan, [bool]): datetime"},
		Doc:      "Returns the time that a session began at: a new one begins too long after the first row of it or after the row before, or where the last argument is true.",
		Examples: []Example{{`range x from 1 to 3 step 1 | extend t = datetime(2020-01-01) + x * x * 1h | serialize s = row_window_session(t, 1d, 4h) | summarize dcount(s)`, `2`}},
	})
}

func ingestionFunctions() {
	special(Scalar{
		Name: "ingestion_time", Family: "session", Usage: []string{"ingestion_time(): datetime"},
		Doc:      "Returns when a row was ingested; null for rows that do not come straight from a table.",
		Examples: []Example{{`print isnull(ingestion_time())`, `true`}},
	})
	special(Scalar{
		Name: "cursor_after", Family: "session", Usage: []string{"cursor_after(string): bool"},
		Doc:      "Tells whether a row was ingested after cursor_current() gave a text; true for an empty one.",
		Examples: []Example{{`print cursor_after("")`, `true`}},
	})
	special(Scalar{
		Name: "cursor_before_or_at", Family: "session", Usage: []string{"cursor_before_or_at(string): bool"},
		Doc:      "Tells whether a row had been ingested when cursor_current() gave a text; false for an empty one.",
		Examples: []Example{{`print cursor_before_or_at("")`, `false`}},
	})
}
