package op

import (
	"slices"
	"strings"

	"tidemark/engine/expr"
	"tidemark/parser"
	"tidemark/table"
)

// Property is a request property: what a set statement gives a value to, for
// the queries after it.
// See https://learn.microsoft.com/kusto/api/rest/request-properties
type Property struct {
	Name string
	Type table.Type // Unknown for a literal of any type
	// Words are the values that a text may have; nil for any.
	Words []string
	// Doc says what it does here, or why nothing.
	Doc  string
	Kind PropertyKind
}

// PropertyKind tells what setting a property does here.
type PropertyKind uint8

const (
	// PropertyWorks does what it does in Kusto.
	PropertyWorks PropertyKind = iota
	// PropertyMoot is about what Tidemark does not have, such as the nodes of a
	// cluster, or the form of Kusto's answers. It changes nothing.
	PropertyMoot
	// PropertyOutside cannot be set by a query, in Kusto neither. It gives a
	// warning.
	PropertyOutside
	// PropertyAbsent would change the answer, and does not. It gives an error.
	PropertyAbsent
)

const (
	noCluster = "there is one node, and it runs the query with all cores"
	noForm    = "it is about the form of Kusto's answers"
	noReport  = "there is no journal of queries"
	noCache   = "answers are not cached"
	noMemory  = "queries share what --memory gives them, and go on in files where it is short"
	noCursor  = "tables have no cursor scopes"
	noSecure  = "tables have no row level security"
)

// Properties are the request properties, by name.
var Properties = []Property{
	{Name: "best_effort", Type: table.Bool, Doc: "leaves out tables of a union that are not there, as isfuzzy=true does"},
	{Name: "client_max_redirect_count", Type: table.Long, Kind: PropertyMoot, Doc: noForm},
	{Name: "client_results_reader_allow_varying_row_widths", Type: table.Bool, Kind: PropertyMoot, Doc: noForm},
	{Name: "deferpartialqueryfailures", Type: table.Bool, Kind: PropertyMoot, Doc: noForm},
	{Name: "materialized_view_shuffle", Type: table.Dynamic, Kind: PropertyMoot, Doc: noCluster},
	{Name: "materialized_view_shuffle_query", Type: table.Dynamic, Kind: PropertyMoot, Doc: noCluster},
	{Name: "max_memory_consumption_per_query_per_node", Type: table.Long, Kind: PropertyMoot, Doc: noMemory},
	{Name: "maxmemoryconsumptionperiterator", Type: table.Long, Kind: PropertyMoot, Doc: noMemory},
	{Name: "maxoutputcolumns", Type: table.Long, Doc: "makes a result with more columns an error"},
	{Name: "norequesttimeout", Type: table.Bool, Kind: PropertyOutside, Doc: "queries run until they are done, or until their context ends"},
	{Name: "notruncation", Type: table.Bool, Doc: "undoes truncationmaxrecords; results are not cut in any case"},
	{Name: "push_selection_through_aggregation", Type: table.Bool, Kind: PropertyMoot, Doc: "conditions are moved wherever the answer is the same"},
	{Name: "query_bin_auto_at", Doc: "is where the bins of bin_auto() begin"},
	{Name: "query_bin_auto_size", Doc: "is the size of the bins of bin_auto()"},
	{Name: "query_cursor_after_default", Type: table.String, Doc: "is the cursor that cursor_after() takes without one"},
	{Name: "query_cursor_before_or_at_default", Type: table.String, Doc: "is the cursor that cursor_before_or_at() takes without one"},
	{Name: "query_cursor_current", Type: table.String, Doc: "is what cursor_current() gives"},
	{Name: "query_cursor_disabled", Type: table.Bool, Doc: "makes the functions of cursors errors"},
	{Name: "query_cursor_scoped_tables", Type: table.Dynamic, Kind: PropertyAbsent, Doc: noCursor},
	{Name: "query_datascope", Type: table.String, Words: []string{"default", "all", "hotcache"}, Kind: PropertyMoot, Doc: "all data is at hand"},
	{Name: "query_datetimescope_column", Type: table.String, Doc: "is the column that query_datetimescope_from and query_datetimescope_to are about"},
	{Name: "query_datetimescope_from", Type: table.Datetime, Doc: "leaves out older rows of tables that have the column"},
	{Name: "query_datetimescope_to", Type: table.Datetime, Doc: "leaves out newer rows of tables that have the column"},
	{Name: "query_distribution_nodes_span", Type: table.Int, Kind: PropertyMoot, Doc: noCluster},
	{Name: "query_fanout_nodes_percent", Type: table.Int, Kind: PropertyMoot, Doc: noCluster},
	{Name: "query_fanout_threads_percent", Type: table.Int, Kind: PropertyMoot, Doc: noCluster},
	{Name: "query_force_row_level_security", Type: table.Bool, Kind: PropertyMoot, Doc: noSecure},
	{Name: "query_language", Type: table.String, Words: []string{"csl", "kql", "sql"}, Kind: PropertyOutside, Doc: "queries are KQL"},
	{Name: "query_log_query_parameters", Type: table.Bool, Kind: PropertyOutside, Doc: noReport},
	{Name: "query_max_entities_in_union", Type: table.Long, Doc: "makes a union of more tables an error"},
	{Name: "query_now", Type: table.Datetime, Doc: "is what now() gives"},
	{Name: "query_optimize_fts_at_relop", Type: table.Bool, Kind: PropertyMoot, Doc: "texts are searched in dictionaries in any case"},
	{Name: "query_python_debug", Kind: PropertyMoot, Doc: "there is no plugin python"},
	{Name: "query_results_apply_getschema", Type: table.Bool, Doc: "gives the columns of each result, as getschema does, instead of its rows"},
	{Name: "query_results_cache_force_refresh", Type: table.Bool, Kind: PropertyMoot, Doc: noCache},
	{Name: "query_results_cache_max_age", Type: table.Timespan, Kind: PropertyMoot, Doc: noCache},
	{Name: "query_results_cache_per_shard", Type: table.Bool, Kind: PropertyMoot, Doc: noCache},
	{Name: "query_results_progressive_row_count", Type: table.Long, Kind: PropertyMoot, Doc: noForm},
	{Name: "query_results_progressive_update_period", Type: table.Timespan, Kind: PropertyMoot, Doc: noForm},
	{Name: "query_take_max_records", Type: table.Long, Doc: "is the most rows that each result has"},
	{Name: "query_weakconsistency_session_id", Type: table.String, Kind: PropertyOutside, Doc: noCluster},
	{Name: "queryconsistency", Type: table.String, Kind: PropertyOutside, Doc: noCluster},
	{Name: "request_app_name", Type: table.String, Kind: PropertyOutside, Doc: noReport},
	{Name: "request_block_row_level_security", Type: table.Bool, Kind: PropertyMoot, Doc: noSecure},
	{Name: "request_callout_disabled", Type: table.Bool, Kind: PropertyMoot, Doc: "queries call no service"},
	{Name: "request_cross_cluster_token", Type: table.String, Kind: PropertyMoot, Doc: noCluster},
	{Name: "request_description", Type: table.String, Kind: PropertyMoot, Doc: noReport},
	{Name: "request_external_data_disabled", Type: table.Bool, Doc: "makes externaldata an error"},
	{Name: "request_external_table_disabled", Type: table.Bool, Kind: PropertyMoot, Doc: "there are no external tables"},
	{Name: "request_impersonation_disabled", Type: table.Bool, Kind: PropertyMoot, Doc: "queries call no service"},
	{Name: "request_readonly", Type: table.Bool, Kind: PropertyOutside, Doc: "queries never write"},
	{Name: "request_readonly_hardline", Type: table.Bool, Kind: PropertyOutside, Doc: "queries never write"},
	{Name: "request_remote_entities_disabled", Type: table.Bool, Kind: PropertyMoot, Doc: "other databases and clusters are not reached in any case"},
	{Name: "request_sandboxed_execution_disabled", Type: table.Bool, Kind: PropertyMoot, Doc: "there is no sandbox"},
	{Name: "request_user", Type: table.String, Kind: PropertyOutside, Doc: noReport},
	{Name: "results_error_reporting_placement", Type: table.String, Words: []string{"in_data", "end_of_table", "end_of_dataset"}, Kind: PropertyMoot, Doc: noForm},
	{Name: "results_progressive_enabled", Type: table.Bool, Kind: PropertyOutside, Doc: noForm},
	{Name: "results_v2_fragment_primary_tables", Type: table.Bool, Kind: PropertyOutside, Doc: noForm},
	{Name: "results_v2_newlines_between_frames", Type: table.Bool, Kind: PropertyMoot, Doc: noForm},
	{Name: "servertimeout", Type: table.Timespan, Kind: PropertyOutside, Doc: "queries run until they are done, or until their context ends"},
	{Name: "truncationmaxrecords", Type: table.Long, Doc: "makes a result of more rows an error, after that many"},
	{Name: "truncationmaxsize", Type: table.Long, Kind: PropertyOutside, Doc: "results are not cut"},
	{Name: "validate_permissions", Type: table.Bool, Kind: PropertyAbsent, Doc: "there are no permissions"},
	{Name: "validatepermissions", Type: table.Bool, Kind: PropertyAbsent, Doc: "there are no permissions"},
}

// TypeName is the type of the values that a property may have, or any.
func (p *Property) TypeName() string {
	if p.Type == table.Unknown {
		return "any"
	}
	return p.Type.String()
}

// findProperty is the property of that name, or nil.
func findProperty(name string) *Property {
	i := slices.IndexFunc(Properties, func(p Property) bool { return p.Name == name })
	if i < 0 {
		return nil
	}
	return &Properties[i]
}

// setOption binds set Name = X.
func (b *Binder) setOption(s *parser.Set) {
	p := findProperty(s.Name)
	if p == nil {
		var names []string
		for _, k := range Properties {
			names = append(names, k.Name)
		}
		b.warn(s.Span(), "TM108", didYouMean(s.Name, names, "docs/functions.md lists the request properties"), "there is no request property named %s; setting it does nothing", s.Name)
		return
	}
	v, ok := b.propertyValue(s, p)
	if !ok {
		return
	}
	switch p.Kind {
	case PropertyOutside:
		b.warn(s.Span(), "TM108", p.Doc, "a query cannot set %s", s.Name)
	case PropertyAbsent:
		if k, isConst := v.(*expr.Const); !isConst || k.Value() != false {
			b.fail(s.Span(), "TM007", p.Doc, "setting %s is not supported", s.Name)
		}
	case PropertyWorks:
		b.setProperty(p, v)
	}
}

// propertyValue is what a property is set to; true where nothing is given.
func (b *Binder) propertyValue(s *parser.Set, p *Property) (expr.Expr, bool) {
	if s.Value == nil {
		if p.Type != table.Bool && p.Type != table.Unknown {
			b.fail(s.Span(), "KS006", "set "+p.Name+" = …", "%s needs a value", p.Name)
			return nil, false
		}
		return expr.NewConst(table.Bool, true), true
	}
	if n, ok := s.Value.(*parser.Name); ok {
		if _, bound := b.scope.find(n.Name); !bound { // set query_datascope = all
			s.Value = &parser.Literal{Kind: parser.StringLit, Text: n.Name}
		}
	}
	v := b.scalar(s.Value, &rowScope{})
	t := v.Type()
	k, isConst := v.(*expr.Const)
	switch {
	case t == table.Unknown:
		return nil, false
	case !isConst:
		b.fail(s.Value.Span(), "KS130", "", "the value of %s must be written out", p.Name)
		return nil, false
	case p.Type == table.Unknown || t == p.Type || t.IsNumeric() && p.Type.IsNumeric():
	case p.Type == table.Datetime && t == table.String:
	default:
		b.fail(s.Value.Span(), "KS141", "", "%s is a %s, and this is a %s", p.Name, p.Type, t)
		return nil, false
	}
	if p.Type != table.Unknown {
		v = b.convert(v, p.Type)
	}
	if text, _ := k.Value().(string); p.Words != nil && !slices.Contains(p.Words, text) {
		b.fail(s.Value.Span(), "KS140", "it is one of "+strings.Join(p.Words, ", "), "%s cannot be %q", p.Name, text)
		return nil, false
	}
	return v, true
}

// setProperty puts a property in force for the statements that follow.
func (b *Binder) setProperty(p *Property, v expr.Expr) {
	options := map[string]expr.Expr{}
	for name, x := range b.options {
		options[name] = x
	}
	options[p.Name] = v
	b.options = options
	env := *b.env
	switch p.Name {
	case "query_now":
		if now, ok := b.optionValue(p.Name).(int64); ok {
			env.Now = table.Time(now)
		}
	case "query_cursor_current":
		env.Cursor, _ = b.optionValue(p.Name).(string)
	}
	b.env = &env
}

// isSet reports whether a property is on.
func (b *Binder) isSet(name string) bool {
	v, _ := b.optionValue(name).(bool)
	return v
}

// optionValue is the value of a property; nil where it is not set.
func (b *Binder) optionValue(name string) any {
	if k, ok := b.options[name].(*expr.Const); ok {
		return k.Value()
	}
	return nil
}
