package op_test

import (
	"context"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"tidemark/engine"
	"tidemark/engine/fn"
	"tidemark/engine/op"
	"tidemark/table"
)

// windowQueries compute what the binder makes more of than a call for a batch,
// so that BenchmarkFunctions leaves it out.
var windowQueries = map[string]string{
	"row_number":         `T | serialize X = row_number() | summarize max(X)`,
	"prev":               `T | serialize | extend X = prev(Path) | summarize max(X)`,
	"next":               `T | serialize | extend X = next(Id, 2) | summarize max(X)`,
	"row_cumsum":         `T | serialize | extend X = row_cumsum(Id, Ok) | summarize max(X)`,
	"row_rank_dense":     `T | serialize | extend X = row_rank_dense(Path) | summarize max(X)`,
	"row_rank_min":       `T | serialize | extend X = row_rank_min(Kind) | summarize max(X)`,
	"row_window_session": `T | serialize | extend X = row_window_session(At, 1h, 1s) | summarize max(X)`,
	"pack_all":           `T | project Id, Kind, At | extend X = pack_all() | summarize max(strlen(tostring(X)))`,
	"bag_pack_columns":   `T | extend X = bag_pack_columns(Id, Kind) | summarize max(strlen(tostring(X)))`,
	"bin_auto":           `set query_bin_auto_size = 100; T | summarize count() by bin_auto(Id) | count`,
	"column_ifexists":    `T | extend X = column_ifexists("Id", 0) | summarize max(X)`,
	"ingestion_time":     `T | extend X = ingestion_time() | summarize max(X)`,
	"estimate_data_size": `T | extend X = estimate_data_size(Id, Path) | summarize sum(X)`,
}

// pluginQueries make every plugin work on a million rows, or on what is made of
// them.
var pluginQueries = map[string]string{
	"activity_counts_metrics":    `T | evaluate activity_counts_metrics(Path, Id, 0, 1000000, 100000)`,
	"sliding_window_counts":      `T | evaluate sliding_window_counts(Path, Id, 0, 1000000, 200000, 100000)`,
	"session_count":              `T | evaluate session_count(Path, Id, 0, 1000000, 100000, 200)`,
	"active_users_count":         `T | evaluate active_users_count(Path, Id, 0, 1000000, 200000, 100000, 1, 100000)`,
	"activity_metrics":           `T | evaluate activity_metrics(Path, Id, 0, 1000000, 100000)`,
	"activity_engagement":        `T | evaluate activity_engagement(Path, Id, 0, 1000000, 100000, 300000)`,
	"new_activity_metrics":       `T | evaluate new_activity_metrics(Path, Id, 0, 1000000, 100000)`,
	"autocluster":                `T | project Kind, Size, Ok, Path | evaluate autocluster(0.5)`,
	"basket":                     `T | project Kind, Size, Ok, Path | evaluate basket(0.05)`,
	"diffpatterns":               `T | project Kind, Size, Ok, Path | evaluate diffpatterns(Kind, "Files", "Registry")`,
	"diffpatterns_text":          `T | evaluate diffpatterns_text(Path, Ok == true)`,
	"funnel_sequence":            `T | evaluate funnel_sequence(Path, Id, 0, 1000000, 1000, 100000, Kind, dynamic(["Files"]))`,
	"funnel_sequence_completion": `T | evaluate funnel_sequence_completion(Path, Id, 0, 1000000, 100000, Kind, dynamic(["Files", "Registry"]), dynamic([1000]))`,
	"geo_line_lookup": `T | extend lng = Id % 20 + 0.01, lat = Id % 7 + 0.0 | evaluate geo_line_lookup(
		datatable(l:dynamic, name:string)[dynamic({"type":"LineString","coordinates":[[5,0],[5,10]]}), "road"], l, lng, lat, 5000) | count`,
	"geo_polygon_lookup": `T | extend lng = Id % 20 + 0.01, lat = Id % 7 + 0.0 | evaluate geo_polygon_lookup(
		datatable(p:dynamic, name:string)[dynamic({"type":"Polygon","coordinates":[[[0,0],[10,0],[10,10],[0,0]]]}), "here"], p, lng, lat) | count`,
	"ipv4_lookup":        `T | extend ip = format_ipv4(Id * 1000) | evaluate ipv4_lookup(datatable(net:string, s:string)["10.0.0.0/8", "ten"], ip, net) | count`,
	"ipv6_lookup":        `T | extend ip = format_ipv4(Id * 1000) | evaluate ipv6_lookup(datatable(net:string, s:string)["::ffff:10.0.0.0/104", "ten"], ip, net) | count`,
	"bag_unpack":         `T | project Bag = iff(Bag has "a", Bag, dynamic({"b":1})) | evaluate bag_unpack(Bag) | count`,
	"narrow":             `T | project Id, Kind | evaluate narrow() | count`,
	"pivot":              `T | evaluate pivot(Kind, count(), Size)`,
	"preview":            `T | evaluate preview(10)`,
	"rolling_percentile": `T | evaluate rolling_percentile(Id, 50, Id, 1000, 10) | count`,
	"rows_near":          `T | serialize | evaluate rows_near(Id % 1000 == 0, 2) | count`,
	"schema_merge":       `T | getschema | evaluate schema_merge()`,
	"dcount_intersect":   `T | summarize a = hll(Path), b = hll(Id) by Kind | evaluate dcount_intersect(a, b)`,
	"sequence_detect":    `T | evaluate sequence_detect(At, 2s, 5s, a = (Kind == "Files"), b = (Kind == "Registry")) | count`,
}

// BenchmarkFamilies runs these queries over a million rows: window functions,
// and plugins.
func BenchmarkFamilies(b *testing.B) {
	const n = 1_000_000
	c := oneTable{table.NewMemory("T", lawSchema, lawRows(rand.New(rand.NewPCG(1, 1)), n, 1<<16)...)}
	for family, queries := range map[string]map[string]string{"window": windowQueries, "plugin": pluginQueries} {
		for _, name := range slices.Sorted(maps.Keys(queries)) {
			b.Run(family+"/"+name, func(b *testing.B) {
				for b.Loop() {
					runFamily(b, queries[name], c)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
			})
		}
	}
}

func runFamily(t testing.TB, query string, c table.Catalog) {
	t.Helper()
	r, err := engine.Run(context.Background(), query, c, engine.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for err == nil {
		_, err = r.Tables()[0].NextBatch(context.Background())
	}
	if err != io.EOF {
		t.Fatal(err)
	}
}

// Every plugin and window function takes part, with a query that works.
func TestFamiliesHaveBenchmarks(t *testing.T) {
	for _, name := range op.PluginNames() {
		if pluginQueries[name] == "" {
			t.Errorf("the plugin %s has no benchmark", name)
		}
	}
	for _, f := range fn.Documented() {
		if f.Family == "window" && windowQueries[f.Name] == "" {
			t.Errorf("%s() has no benchmark", f.Name)
		}
	}
	c := oneTable{table.NewMemory("T", lawSchema, lawRows(rand.New(rand.NewPCG(1, 1)), 2000, 500)...)}
	empty := oneTable{table.NewMemory("T", lawSchema)}
	for _, queries := range []map[string]string{windowQueries, pluginQueries} {
		for name, query := range queries {
			t.Run(name, func(t *testing.T) {
				runFamily(t, query, c)
				runFamily(t, query, empty)
			})
		}
	}
}
