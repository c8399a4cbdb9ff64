package op_test

import (
	"testing"

	"tidemark/engine"
	"tidemark/engine/op"
)

// TestPluginExamples runs the examples of the catalogue.
func TestPluginExamples(t *testing.T) {
	for _, p := range op.Plugins() {
		if p.Service == "" && len(p.Examples) == 0 {
			t.Errorf("%s has no example", p.Name)
		}
		for _, e := range p.Examples {
			if got := firstCell(t, e.Query); got != e.Want {
				t.Errorf("%s\n gives %q, want %q", e.Query, got, e.Want)
			}
		}
	}
}

// TestPluginRows compares whole results, of the optimised plan and of the one
// as bound, in batches of three rows.
func TestPluginRows(t *testing.T) {
	const users = `let Users = range d from 0 to 4 step 1 | extend t = datetime(2019-11-01) + d * 1d, u = dynamic([[0,2,3,4],[0,1,3,4,5],[0,2,4,5],[0,1,2,3],[0,1,2,3,4]])[d] | mv-expand u to typeof(long); Users `
	for _, c := range pluginCases {
		compare(t, c[0], c[1])
	}
	compare(t, users+`| evaluate new_activity_metrics(u, t, datetime(2019-11-01), datetime(2019-11-07)-1tick, 1d) | where from_t < datetime(2019-11-03) | project d1=(from_t-datetime(2019-11-01))/1d, d2=(to_t-datetime(2019-11-01))/1d, dcount_new_values, dcount_retained_values, dcount_churn_values, retention_rate, churn_rate`,
		"d1 d2 dcount_new_values dcount_retained_values dcount_churn_values retention_rate churn_rate\n0 0 4 4 0 1 0\n0 1 2 3 1 0.75 0.25\n0 2 1 3 1 0.75 0.25\n0 3 1 3 1 0.75 0.25\n0 4 1 4 0 1 0\n0 5 0 0 4 0 1\n1 1 2 2 0 1 0\n1 2 0 1 1 0.5 0.5\n1 3 0 1 1 0.5 0.5\n1 4 0 1 1 0.5 0.5\n1 5 0 0 2 0 1\n")
}

func compare(t *testing.T, query, want string) {
	t.Helper()
	for _, o := range []engine.Options{{Threads: 1}, {Threads: 4, BatchRows: 3}, {Threads: 1, NoOptimizer: true, BatchRows: 1}} {
		if got := runQuery(t, query, o); got != want {
			t.Errorf("%s\n gives\n%s want\n%s", query, got, want)
			return
		}
	}
}

const patternRows = `range i from 0 to 199 step 1 | project a=iff(i%4==0,"x","y"), b=case(i%3==0,"p",i%3==1,"q","r"), c=i/100 | evaluate `

const shapes = `let Shapes = datatable(name:string, shape:dynamic)[
	"one", dynamic({"type":"Polygon","coordinates":[[[0,0],[2,0],[2,1],[0,1],[0,0]]]}),
	"two", dynamic({"type":"Polygon","coordinates":[[[1,0],[3,0],[3,1],[1,1],[1,0]]]}),
	"none", dynamic({"type":"Polygon"})]; `

var pluginCases = [][2]string{
	{`datatable(d:dynamic)[dynamic({"b":1,"a":"x"}), dynamic({"b":1.5}), dynamic([1])] | evaluate bag_unpack(d)`, "a b\nx 1\n 1.5\n \n"},
	{`datatable(a:long, d:dynamic)[1, dynamic({"a":2})] | evaluate bag_unpack(d, "p_")`, "a p_a\n1 2\n"},
	{`datatable(d:dynamic)[] | evaluate bag_unpack(d) | count`, "Count\n0\n"},
	{`datatable(k:string, v:long)["b", 1, "a", 2, "b", 4] | evaluate pivot(k, sum(v))`, "a b\n2 5\n"},
	{`datatable(k:string, g:long, v:long)["b", 1, 1, "a", 2, 2, "b", 2, 4] | evaluate pivot(k, max(v), g)`, "g a b\n1  1\n2 2 4\n"},
	{`range x from 1 to 9 step 1 | evaluate rows_near(x in (2, 9), 1)`, "x\n1\n2\n3\n8\n9\n"},
	{`datatable(u:long, t:long, s:string)[1, 1, "a", 1, 2, "b", 1, 3, "c", 2, 2, "b", 2, 3, "c"] | evaluate funnel_sequence(u, t, 1, 9, 1, 10, s, dynamic(["b"])) | project prev, next, dcount, samples`, "prev next dcount samples\n c 1 [2]\na c 1 [1]\n"},
	{`datatable(u:long, t:long, s:string)[1, 1, "a", 1, 4, "b", 2, 1, "a", 2, 9, "b"] | evaluate funnel_sequence_completion(u, t, 1, 9, 10, s, dynamic(["a", "b"]), dynamic([3, 8])) | project s, Period, dcount`, "s Period dcount\na 3 2\nb 3 1\na 8 2\nb 8 2\n"},
	{`datatable(t:long, s:string, k:long)[1, "a", 7, 2, "b", 7, 3, "b", 7, 9, "b", 7, 2, "b", 8] | evaluate sequence_detect(t, 5, 5, x=(s=="a"), y=(s=="b"), k)`, "k x_t y_t Duration\n7 1 2 1\n7 1 3 2\n"},
	{`datatable(ip:string, k:long)["10.1.2.3", 1, "10.1.2.3", 2, "x", 1, "10.0.0.0/4", 1] | evaluate ipv4_lookup(datatable(net:string, k:long, v:string)["10.0.0.0/8", 1, "p", "10.1.2.3", 1, "q", "10.1.0.0/16", 3, "r"], ip, net, k, return_unmatched=true)`, "ip k net v\n10.1.2.3 1 10.0.0.0/8 p\n10.1.2.3 1 10.1.2.3 q\n10.1.2.3 2  \nx 1  \n10.0.0.0/4 1 10.0.0.0/8 p\n10.0.0.0/4 1 10.1.2.3 q\n"},
	{`datatable(v:real, t:long, k:string)[1, 1, "a", 5, 2, "a", 9, 3, "a", 7, 3, "b"] | evaluate rolling_percentile(v, 50, t, 1, 2, k)`, "t k rolling_2_percentile_v_50\n1 a 1\n2 a 1\n3 a 5\n3 b 7\n"},
	{patternRows + `basket(0.4)`, "SegmentId Count Percent a b c\n0 150 75 y  \n1 100 50   0\n2 100 50   1\n"},
	{patternRows + `basket(0.3, "~", "~", "*", -1) | where b != "*"`, "SegmentId Count Percent a b c\n5 67 33.5 * p -1\n6 67 33.5 * q -1\n7 66 33 * r -1\n"},
	{patternRows + `autocluster(0.9) | project Count, a`, "Count a\n150 y\n50 x\n"},
	{`range i from 0 to 99 step 1 | project s=i%2, k=iff(i%2==0 and i<60, "p", "q"), z="z" | evaluate diffpatterns(s, 0, 1)`, "SegmentId CountA CountB PercentA PercentB PercentDiffAB k z\n0 30 0 60 0 60 p z\n1 20 50 40 100 60 q z\n"},
	{`datatable(s:string, bad:bool)["login of root failed", true, "login of ann failed at noon", true, "login of bob done", false, "x", bool(null)] | evaluate diffpatterns_text(s, bad, 3) | project Count_of_True, Count_of_False, Percent_of_True, Pattern = translate(" ", "_", Pattern)`, "Count_of_True Count_of_False Percent_of_True Pattern\n2 0 100 login_of_*_failed_*\n0 1 0 login_of_bob_done_*\n"},
	{shapes + `datatable(lng:real, lat:real)[1.5, 0.5, 9, 9, real(null), 1, 3.05, 0.5] | evaluate geo_polygon_lookup(Shapes, shape, lng, lat, return_unmatched=true)`, "lng lat name\n1.5 0.5 one\n1.5 0.5 two\n9 9 \n 1 \n3.05 0.5 \n"},
	{shapes + `datatable(lng:real, lat:real, name:string)[3.05, 0.5, "p"] | evaluate geo_polygon_lookup(Shapes, shape, lng, lat, 10000) | project name, name1`, "name name1\np two\n"},
	{shapes + `datatable(lng:real, lat:real)[1.5, 0.001, 1.5, 0.5] | evaluate geo_line_lookup((Shapes | extend shape = dynamic({"type":"LineString","coordinates":[[0,0],[3,0]]}) | take 1), shape, lng, lat, 200, return_lookup_key=true) | project lat, name, shape.type`, "lat name shape_type\n0.001 one LineString\n"},
	{`range x from 1 to 4 step 1 | extend t = case(x == 1, datetime(2024-01-06), x == 2, datetime(2024-01-07), x == 3, datetime(2024-01-14), datetime(2024-02-01)) | evaluate activity_counts_metrics(x, t, datetime(2024-01-01), datetime(2024-03-01), "month") | project month = format_datetime(t, "MM"), ["count"], new_dcount`, "month count new_dcount\n01 3 3\n02 1 1\n"},
}

// TestPluginErrors compares what is wrong with a query.
func TestPluginErrors(t *testing.T) {
	for query, want := range map[string]string{
		`print 1 | evaluate nosuch()`:                                                           "there is no plugin named nosuch",
		`print 1 | evaluate python(typeof(*), "")`:                                              "the plugin python needs a Python sandbox, which cannot be reached from here",
		`print d=1 | evaluate bag_unpack(d)`:                                                    "bag_unpack() takes apart a dynamic column, and this is a long",
		`print a=1, d=dynamic({"a":2}) | evaluate bag_unpack(d)`:                                "the bags have a property that becomes the column a, and there is one already",
		`print d=dynamic({"a":2}) | evaluate bag_unpack(d) | project b`:                         "there is no column or variable named b",
		`print k="a" | evaluate pivot(k, strlen(k))`:                                            "pivot() takes an aggregation here, such as sum(x)",
		`print 1 | evaluate preview(1) | count`:                                                 "preview() gives two results, so it must be the last operator of a query",
		`evaluate narrow()`:                                                                     "the plugin narrow needs rows to work on",
		`print u=1, t=1.5 | evaluate activity_counts_metrics(u, t, 1, 2, 1)`:                    "the column that says when must be a datetime, timespan or whole number, not a real",
		`print u=1, t=now() | evaluate activity_counts_metrics(u, t, ago(1d), now(), "decade")`: "this is not a period of time",
		`print u=1, t=now() | evaluate activity_counts_metrics(u, t, ago(1d), now())`:           "activity_counts_metrics() does not take these 4 arguments",
	} {
		if got := queryError(t, query); got != want {
			t.Errorf("%s\n says %q, want %q", query, got, want)
		}
	}
}

// TestOpenColumns checks queries without running them.
func TestOpenColumns(t *testing.T) {
	const in = `datatable(a:long, d:dynamic)[] | evaluate bag_unpack(d) `
	for _, rest := range []string{`| where Name == "x" | extend y = Name, z = a + 1`, `| summarize sum(Foo), make_list(Bar) by a`, `| project-away Foo | sort by Bar | take 5`, `| join kind=inner (print a=1) on a`, `| join kind=inner (print k=1) on k`, `| where Foo > 5 and strlen(Bar) > 2`} {
		c := engine.Check(in+rest, noTables{}, engine.Options{}, false)
		if len(c.Diagnostics) > 0 {
			t.Errorf("%s: %v", rest, c.Diagnostics)
		}
	}
	c := engine.Check(in+`| project Name, a | where Foo == 1`, noTables{}, engine.Options{}, false)
	if !c.Diagnostics.Fatal() {
		t.Error("project closes the columns, and Foo is let pass")
	}
}
