package tidemark_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"tidemark"
	"tidemark/parser"
	"tidemark/table"
)

var now = time.Date(2026, 3, 12, 8, 0, 0, 0, time.UTC)

func clock() tidemark.Option { return tidemark.Clock(func() time.Time { return now }) }

// open opens a scratch database with a few changes in it.
func open(t *testing.T, opts ...tidemark.Option) *tidemark.DB {
	t.Helper()
	db, err := tidemark.Open("", append(opts, clock())...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	stats, err := db.Ingest(context.Background(), strings.NewReader(changes), tidemark.IngestOptions{})
	if err != nil || stats.RowsIn != 3 {
		t.Fatalf("ingest: %d rows, %v", stats.RowsIn, err)
	}
	return db
}

const changes = `{"Type":"ConfigurationChange","TimeGenerated":"2026-03-10T22:30:41.1234567Z","Computer":"web-01","ConfigChangeType":"Files","ChangeCategory":"Modified","FileSystemPath":"/etc/passwd","Size":1451,"_ItemId":"1"}
{"Type":"ConfigurationChange","TimeGenerated":"2026-03-10T22:30:41.1234567Z","Computer":"web-01","ConfigChangeType":"Files","ChangeCategory":"Added","FileSystemPath":"/etc/cron.d/sysupd","Size":88,"_ItemId":"2"}
{"Type":"ConfigurationChange","TimeGenerated":"2026-03-11T01:20:05Z","Computer":"db-01","ConfigChangeType":"Daemons","ChangeCategory":"Modified","SvcName":"ssh","SvcState":"stopped","_ItemId":"3"}
`

// ask runs a query and returns its first table as text, a row a line.
func ask(t *testing.T, db *tidemark.DB, text string, opts ...tidemark.QueryOption) string {
	t.Helper()
	ctx := context.Background()
	r, err := db.Query(ctx, text, opts...)
	if err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	defer r.Close()
	var out []string
	for row, err := range r.Rows(ctx) {
		if err != nil {
			t.Fatalf("%s\n%v", text, err)
		}
		cells := make([]string, len(row.Columns()))
		for i := range cells {
			cells[i] = fmt.Sprint(row.Value(i))
		}
		out = append(out, strings.Join(cells, ","))
	}
	return strings.Join(out, "\n")
}

func TestQuery(t *testing.T) {
	db := open(t)
	for _, c := range []struct{ query, want string }{
		{`ConfigurationChange | count`, "3"},
		{`ConfigurationChange | summarize count() by Computer | sort by Computer asc`, "db-01,1\nweb-01,2"},
		{`ConfigurationChange | where ConfigChangeType contains "zzz" | count`, "0"},
		{`ConfigurationChange | where Type has "zzz" | count`, "0"}, // a column with one value
		{`ConfigurationChange | where Size > 100 | project FileSystemPath, Size`, "/etc/passwd,1451"},
		{`ConfigurationChange | where isnull(Size) | project Computer`, "db-01"},
		{`ConfigurationChange | top 1 by TimeGenerated desc | project Computer, SvcName`, "db-01,ssh"},
		{`ConfigurationChange | summarize max(ingestion_time())`, "2026-03-12 08:00:00 +0000 UTC"},
		{`ConfigurationChange | where TimeGenerated > ago(1d) + 20h | count`, "0"},
		{`print now()`, "2026-03-12 08:00:00 +0000 UTC"},
		{`ConfigurationData | count`, "0"},
		{`ConfigurationChange | where _ItemId == "2" | project AgentFormat`, "azure.jsonl"},
	} {
		if got := ask(t, db, c.query); got != c.want {
			t.Errorf("%s\ngave %q, want %q", c.query, got, c.want)
		}
	}
}

func TestParameters(t *testing.T) {
	db := open(t)
	const q = `declare query_parameters(who:string, least:long = 0, since:datetime = datetime(2026-01-01), window:timespan = 365d, strict:bool = true);
		ConfigurationChange | where Computer == who and Size > least and TimeGenerated between (since .. window) and strict | count`
	if got := ask(t, db, q, tidemark.Param("who", "web-01")); got != "2" {
		t.Errorf("defaults: %s", got)
	}
	got := ask(t, db, q, tidemark.Param("who", "web-01"), tidemark.Param("least", 100),
		tidemark.Param("since", now.AddDate(0, 0, -7)), tidemark.Param("window", 48*time.Hour*7), tidemark.Param("strict", "true"))
	if got != "1" {
		t.Errorf("all given: %s", got)
	}
	// A value is never read as text of the query.
	if got := ask(t, db, q, tidemark.Param("who", `x" or 1==1 //`)); got != "0" {
		t.Errorf("a quote got through: %s", got)
	}
	if _, err := db.Query(context.Background(), q); err == nil || !strings.Contains(err.Error(), "who has no value") {
		t.Errorf("a missing parameter: %v", err)
	}
	var bad *tidemark.ParamError
	if _, err := db.Query(context.Background(), q, tidemark.Param("who", []int{1})); !errors.As(err, &bad) {
		t.Errorf("a parameter of no type of KQL: %v", err)
	}
}

func TestErrorsHaveAPlace(t *testing.T) {
	db := open(t)
	const q = `ConfigurationChange | where PreviousValue != "" | project Computr`
	_, err := db.Query(context.Background(), q)
	var errs parser.Errors
	if !errors.As(err, &errs) || len(errs) != 2 {
		t.Fatalf("got %v", err)
	}
	for i, want := range []struct{ at, hint string }{{"PreviousValue", "did you mean PreviousValueData?"}, {"Computr", "did you mean Computer?"}} {
		e := errs[i]
		if q[e.Span.Start:e.Span.End] != want.at || e.Hint != want.hint {
			t.Errorf("error %d is at %q with hint %q", i, q[e.Span.Start:e.Span.End], e.Hint)
		}
	}
}

func TestWarnings(t *testing.T) {
	db := open(t)
	r, err := db.Query(context.Background(), `ConfigurationChange | where ConfigChangeType == "Services"`)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0].Hint, "WindowsServices") {
		t.Errorf("got %v", r.Warnings)
	}
}

func TestReopen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "db")
	db, err := tidemark.Open(dir, clock())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Ingest(context.Background(), strings.NewReader(changes), tidemark.IngestOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db, err = tidemark.Open(dir, tidemark.ReadOnly(), tidemark.Lazy())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if got := ask(t, db, `ConfigurationChange | count`); got != "3" {
		t.Errorf("after reopening there are %s rows", got)
	}
	sum, err := db.Verify(context.Background(), func(problem error) { t.Error(problem) })
	if err != nil || sum.Rows != 3 {
		t.Errorf("verify: %+v, %v", sum, err)
	}
	// What is read-only refuses to write.
	if _, err := db.Ingest(context.Background(), strings.NewReader(changes), tidemark.IngestOptions{}); err == nil {
		t.Error("a read-only database took rows")
	}
}

// Loading the same records again adds none.
func TestLoadTwice(t *testing.T) {
	db := open(t)
	stats, err := db.Ingest(context.Background(), strings.NewReader(changes), tidemark.IngestOptions{})
	if err != nil || stats.RowsIn != 0 || stats.RowsDuplicate != 3 {
		t.Errorf("%+v, %v", stats, err)
	}
}

func TestNoDatabase(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	db, err := tidemark.Open(dir, tidemark.NoCreate())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if got := ask(t, db, `ConfigurationChange | count`); got != "0" {
		t.Errorf("a built-in table without a database has %s rows", got)
	}
	if _, err := db.Query(context.Background(), `Mine | count`); err == nil {
		t.Error("a table that is not there was found")
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Error("a query made a database")
	}
	if _, err := db.Verify(context.Background(), func(error) {}); !errors.Is(err, tidemark.ErrNotExist) {
		t.Errorf("verify: %v", err)
	}
}

func TestOwnTable(t *testing.T) {
	db := open(t)
	schema := table.MustSchema(table.Column{Name: "Host", Type: table.String}, table.Column{Name: "Score", Type: table.Real}, table.Column{Name: "At", Type: table.Datetime})
	if err := db.CreateTable("Scores", schema); err != nil {
		t.Fatal(err)
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{
		{Name: "Host", Type: arrow.BinaryTypes.String}, {Name: "Score", Type: arrow.PrimitiveTypes.Float64}, {Name: "At", Type: arrow.PrimitiveTypes.Int64},
	}, nil))
	b.Field(0).(*array.StringBuilder).AppendValues([]string{"web-01", "db-01"}, nil)
	b.Field(1).(*array.Float64Builder).AppendValues([]float64{0.5, 0}, []bool{true, false})
	b.Field(2).(*array.Int64Builder).AppendValues([]int64{int64(table.FromGo(now)), 0}, []bool{true, false})
	batch := &table.Batch{Parts: []table.Part{{Table: "Scores", Rows: b.NewRecord()}}}
	if err := db.Append(context.Background(), batch); err != nil {
		t.Fatal(err)
	}
	want := "db-01,<nil>,<nil>\nweb-01,0.5,2026-03-12 08:00:00 +0000 UTC"
	if got := ask(t, db, `Scores | sort by Host asc`); got != want {
		t.Errorf("got %q", got)
	}
	csv := "Host,Score,At\nbastion,1.5,2026-03-01\nbastion,not a number,2026-03-01\n"
	stats, err := db.Ingest(context.Background(), strings.NewReader(csv), tidemark.IngestOptions{Format: "csv", Table: "Scores"})
	if err != nil || stats.RowsIn != 1 || stats.RowsRejected != 1 {
		t.Errorf("%+v, %v", stats, err)
	}
	infos, err := db.Tables()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range infos {
		if i.Name == "Scores" && (i.Rows != 3 || i.Builtin) {
			t.Errorf("%+v", i)
		}
	}
}

func TestRecords(t *testing.T) {
	db := open(t)
	ctx := context.Background()
	r, err := db.Query(ctx, `ConfigurationChange | project TimeGenerated, Size, Computer | sort by Size desc; print x = 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	tables := r.Tables()
	if len(tables) != 2 {
		t.Fatalf("%d tables", len(tables))
	}
	rows := int64(0)
	for rec, err := range tables[0].Records(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		if rec.Schema().Field(0).Type.ID() != arrow.TIMESTAMP || rec.Schema().Field(1).Type.ID() != arrow.INT64 {
			t.Errorf("types are %s", rec.Schema())
		}
		rows += rec.NumRows()
	}
	if rows != 3 || r.Stats().RowsScanned != 3 {
		t.Errorf("%d rows, stats %+v", rows, r.Stats())
	}
}

func TestCancel(t *testing.T) {
	db := open(t)
	ctx, cancel := context.WithCancel(context.Background())
	r, err := db.Query(ctx, `range x from 1 to 1000000000 step 1 | where x % 7 == 0 | summarize sum(x)`)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cancel()
	if _, err := r.Tables()[0].Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestMemoryLimit: what can go to temporary files does, what cannot says so.
func TestMemoryLimit(t *testing.T) {
	db := open(t, tidemark.MemoryLimit(4<<20))
	ctx := context.Background()
	r, err := db.Query(ctx, `range x from 1 to 2000000 step 1 | sort by x desc`)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	next := int64(2000000)
	for row, err := range r.Rows(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		if x := row.Value(0).(int64); x != next {
			t.Fatalf("row %d is %d", 2000000-next, x)
		}
		next--
	}
	if s := r.Stats(); next != 0 || s.SpilledBytes == 0 || s.PeakMemoryBytes > 4<<20 {
		t.Errorf("%d rows are missing; stats %+v", next, s)
	}
	r, err = db.Query(ctx, `range x from 1 to 5000000 step 1 | make-series count() on x from 1 to 5000000 step 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.Tables()[0].Next(ctx); err == nil || !strings.Contains(err.Error(), "make-series needs more memory") {
		t.Errorf("got %v", err)
	}
}
