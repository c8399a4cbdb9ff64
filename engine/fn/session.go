package fn

import (
	"cmp"

	"tidemark/engine/vec"
	"tidemark/table"
)

// What asks Kusto's service about itself has the answer of an engine that runs
// within a program: nobody has signed in, and there is one database.
func init() {
	register(Scalar{
		Name: "current_database", Family: "session",
		Doc:       "Returns the name of the database; there is one, and it is called as Kusto calls its first.",
		Examples:  []Example{{`print current_database()`, `NetDefaultDB`}},
		Overloads: []Overload{constantText("NetDefaultDB")},
	})
	register(Scalar{
		Name: "current_cluster_endpoint", Family: "session",
		Doc:       "Returns the name of the machine that is asked, which is always this one.",
		Examples:  []Example{{`print current_cluster_endpoint()`, `localhost`}},
		Overloads: []Overload{constantText("localhost")},
	})
	register(Scalar{
		Name: "current_principal", Family: "session",
		Doc:       "Returns who has signed in: an empty text, as nobody does.",
		Examples:  []Example{{`print isempty(current_principal())`, `true`}},
		Overloads: []Overload{constantText("")},
	})
	register(Scalar{
		Name: "current_principal_details", Family: "session",
		Doc:       "Returns what is known about who has signed in: null, as nobody does.",
		Examples:  []Example{{`print isnull(current_principal_details())`, `true`}},
		Overloads: []Overload{constantNull(table.Dynamic)},
	})
	register(Scalar{
		Name: "current_principal_is_member_of", Family: "session",
		Doc:      "Tells whether who has signed in belongs to one of the groups: false, as nobody has.",
		Examples: []Example{{`print current_principal_is_member_of("aadgroup=analysts@example.com")`, `false`}},
		Overloads: []Overload{{Params: []Param{TextOrDynamic}, Variadic: true, Result: table.Bool, Kernel: func(*Args) vec.Column {
			return vec.Constant(table.Bool, false)
		}}},
	})
	register(Scalar{
		Name: "extent_id", Aliases: []string{"extentid"}, Family: "session",
		Doc:      "Returns the guid of the extent that a row is stored in: the empty one, as ours have none.",
		Examples: []Example{{`print extent_id()`, `00000000-0000-0000-0000-000000000000`}},
		Overloads: []Overload{{Result: table.Guid, Kernel: func(*Args) vec.Column {
			return vec.Constant(table.Guid, "00000000-0000-0000-0000-000000000000")
		}}},
	})
	register(Scalar{
		Name: "cursor_current", Aliases: []string{"current_cursor"}, Family: "session", Page: "cursor-current",
		Doc:      "Returns a text for cursor_after() and cursor_before_or_at() in later queries, to tell rows that are new by then.",
		Examples: []Example{{`print isnotempty(cursor_current())`, `true`}},
		Overloads: []Overload{{Result: table.String, Kernel: func(a *Args) vec.Column {
			return vec.Constant(table.String, cmp.Or(a.Env.Cursor, a.Env.Now.String()))
		}}},
	})
	register(Scalar{
		Name: "extent_tags", Family: "session",
		Doc:       "Returns the tags of the extent that a row is stored in: null, as ours have none.",
		Examples:  []Example{{`print isnull(extent_tags())`, `true`}},
		Overloads: []Overload{constantNull(table.Dynamic)},
	})
}

func constantText(s string) Overload {
	return Overload{Result: table.String, Kernel: func(*Args) vec.Column { return vec.Constant(table.String, s) }}
}

func constantNull(t table.Type) Overload {
	return Overload{Result: t, Kernel: func(*Args) vec.Column { return vec.Constant(t, nil) }}
}

// Cursor is the overload of cursor_after(), or of cursor_before_or_at(), with
// the time that a row was ingested at for a first argument.
func Cursor(after bool) Overload {
	return Rows([]Param{P(table.Datetime), P(table.String)}, false, table.Bool, func(_ []table.Type, row []any) any {
		cursor := textAt(row, 1)
		if cursor == "" {
			return after
		}
		at, ok := row[0].(int64)
		limit, valid := table.ParseTime(cursor)
		if !ok || !valid {
			return nil
		}
		return (table.Time(at) > limit) == after
	})
}
