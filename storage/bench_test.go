package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/rand"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"tidemark/table"
)

// changeSchema is ConfigurationChange, in the columns that agents fill.
var changeSchema = func() *table.Schema {
	var cols []table.Column
	for _, n := range []string{"Computer", "ConfigChangeType", "ChangeCategory", "FieldsChanged", "FileSystemPath",
		"FileContentChecksum", "PreviousFileContentChecksum", "RegistryKey", "ValueName", "ValueData", "PreviousValueData",
		"SoftwareName", "Publisher", "Current", "Previous", "SvcName", "SvcDisplayName", "SvcState", "SvcPreviousState",
		"SvcStartupType", "SvcAccount", "SourceComputerId", "_ResourceId"} {
		cols = append(cols, table.Column{Name: n, Type: table.String})
	}
	cols = append(cols, table.Column{Name: "TimeGenerated", Type: table.Datetime}, table.Column{Name: "DateModified", Type: table.Datetime},
		table.Column{Name: "Size", Type: table.Long}, table.Column{Name: "PreviousSize", Type: table.Long})
	return table.MustSchema(cols...)
}()

// changes makes rows like those of a change log: few computers with many
// changes each, paths of which a quarter is new, checksums that are mostly new.
type changes struct {
	r    *rand.Rand
	zipf *rand.Zipf
	hot  *rand.Zipf
	row  int64
	b    *array.RecordBuilder
}

func newChanges(seed int64) *changes {
	r := rand.New(rand.NewSource(seed))
	return &changes{r: r, zipf: rand.NewZipf(r, 1.2, 30, 4999), hot: rand.NewZipf(r, 1.1, 20, 60000),
		b: array.NewRecordBuilder(memory.DefaultAllocator, changeSchema.Arrow())}
}

func sum64(s string, version int) string {
	x := sha256.Sum256(strconv.AppendInt([]byte(s), int64(version), 10))
	return hex.EncodeToString(x[:])
}

func (g *changes) batch(n int) arrow.Record {
	r := g.r
	for range n {
		m := make(map[string]string, 16)
		c := int(g.zipf.Uint64())
		m["Computer"] = fmt.Sprintf("srv-%s-%04d.corp.contoso.com", []string{"weu", "eus", "neu"}[c%3], c)
		m["SourceComputerId"] = fmt.Sprintf("%08x-0000-4000-8000-%012x", c*2654435761&0xffffffff, c*7919)
		m["_ResourceId"] = fmt.Sprintf("/subscriptions/6f1f0a42-1111-4d2c-9c3e-%012x/resourcegroups/rg-%d/providers/microsoft.compute/virtualmachines/srv-%04d", c%7, c%40, c)
		cat := []string{"Modified", "Modified", "Modified", "Modified", "Added", "Removed"}[r.Intn(6)]
		m["ChangeCategory"] = cat
		var size, prev int64 = -1, -1
		switch p := r.Intn(100); {
		case p < 70:
			m["ConfigChangeType"] = "Files"
			k := int(g.hot.Uint64())
			if r.Intn(4) == 0 {
				k = 100000 + int(g.row)
			}
			path := fmt.Sprintf(`C:\Windows\WinSxS\amd64_microsoft-windows-%s_31bf3856ad364e35_10.0.%d\%s%d.dll`, word(k), 14393+k%6000, word(k*7), k)
			if c%2 == 0 {
				path = fmt.Sprintf("/var/lib/%s/%s/%s-%d.log", word(k), word(k*3), word(k*5), k)
			}
			m["FileSystemPath"] = path
			v := int(g.row/100000) + r.Intn(3)
			if cat != "Removed" {
				m["FileContentChecksum"] = sum64(path, v)
				size = int64(math.Exp(9.5 + 2.2*r.NormFloat64()))
			}
			if cat != "Added" {
				m["PreviousFileContentChecksum"] = sum64(path, v-1)
				prev = int64(math.Exp(9.5 + 2.2*r.NormFloat64()))
			}
			m["FieldsChanged"] = []string{"FileContentChecksum, DateModified, Size", "DateModified", "Acls"}[r.Intn(3)]
		case p < 82:
			m["ConfigChangeType"] = "Registry"
			k := r.Intn(11000)
			m["RegistryKey"] = `HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\` + word(k) + `\` + word(k*3) + strconv.Itoa(k)
			m["ValueName"] = word(k*5 + r.Intn(6))
			m["ValueData"] = fmt.Sprintf("0x%08x", r.Uint32())
			m["PreviousValueData"] = fmt.Sprintf("0x%08x", r.Uint32())
		case p < 90:
			m["ConfigChangeType"] = "Software"
			k := r.Intn(2000)
			m["SoftwareName"], m["Publisher"] = word(k)+" "+strconv.Itoa(k), word(k%43)
			m["Current"], m["Previous"] = fmt.Sprintf("%d.%d.0", k%9, k%40), fmt.Sprintf("%d.%d.1", k%9, k%40)
		default:
			m["ConfigChangeType"] = []string{"WindowsServices", "Daemons"}[c%2]
			k := r.Intn(260)
			m["SvcName"], m["SvcDisplayName"] = word(k)+"svc", "The "+word(k)+" service"
			m["SvcState"], m["SvcPreviousState"] = []string{"Running", "Stopped"}[r.Intn(2)], []string{"Running", "Stopped"}[r.Intn(2)]
			m["SvcStartupType"], m["SvcAccount"] = []string{"Auto", "Manual", "Disabled"}[k%3], "LocalSystem"
		}
		for i := range 23 {
			g.b.Field(i).(*array.StringBuilder).Append(m[changeSchema.Column(i).Name])
		}
		at := int64(table.FromUnix(1_748_736_000, 0)) + g.row*26_000_000 - int64(r.Intn(120e6))*10
		number(g.b.Field(23), at, true)
		number(g.b.Field(24), at/1e7*1e7, size >= 0)
		number(g.b.Field(25), size, size >= 0)
		number(g.b.Field(26), prev, prev >= 0)
		g.row++
	}
	return g.b.NewRecord()
}

func number(b array.Builder, v int64, ok bool) {
	if ok {
		b.(*array.Int64Builder).Append(v)
	} else {
		b.AppendNull()
	}
}

func word(k int) string {
	syllables := []string{"ba", "co", "di", "fu", "ge", "hy", "jo", "ka", "li", "mo", "nu", "pe", "ri", "so", "tu", "va"}
	h := uint32(k) * 2654435761
	return syllables[h>>28] + syllables[h>>24&15] + syllables[h>>20&15]
}

func diskUsage(dir string) (n int64) {
	filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if i, err := d.Info(); err == nil {
				n += i.Size()
			}
		}
		return nil
	})
	return n
}

var sampleBatches = sync.OnceValue(func() (out []arrow.Record) {
	g := newChanges(1)
	for range 16 {
		out = append(out, g.batch(16384))
	}
	return out
})

// BenchmarkCommit commits batches of 16,384 rows; sealing runs beside it.
func BenchmarkCommit(b *testing.B) {
	s := open(b, b.TempDir(), Options{Create: true, DiskReserve: -1})
	defer s.Close()
	if err := s.CreateTable("T", changeSchema); err != nil {
		b.Fatal(err)
	}
	rec := sampleBatches()
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		err := s.Commit(context.Background(), &table.Batch{Parts: []table.Part{{Table: "T", Rows: rec[i%len(rec)]}}})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*16384/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkSmallCommit commits one row at a time, from 1 and from 8 callers.
func BenchmarkSmallCommit(b *testing.B) {
	for _, callers := range []int{1, 8} {
		b.Run(fmt.Sprint(callers), func(b *testing.B) {
			s := open(b, b.TempDir(), Options{Create: true, DiskReserve: -1})
			defer s.Close()
			if err := s.CreateTable("T", changeSchema); err != nil {
				b.Fatal(err)
			}
			rec := sampleBatches()[0].NewSlice(0, 1)
			var wg sync.WaitGroup
			b.ResetTimer()
			for c := range callers {
				wg.Go(func() {
					for range (b.N + callers - 1 - c) / callers {
						if err := s.Commit(context.Background(), &table.Batch{Parts: []table.Part{{Table: "T", Rows: rec}}}); err != nil {
							b.Error(err)
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

func sampleColumns(b *testing.B) []*column {
	def, err := (&tableDef{Version: 1, Name: "T"}).with(changeSchema.Columns())
	if err != nil {
		b.Fatal(err)
	}
	parts := make([][]*column, def.LastColumn+1)
	for _, rec := range sampleBatches() {
		cols, err := columnsOf(def, rec)
		if err != nil {
			b.Fatal(err)
		}
		for i, c := range cols[1:] {
			parts[i+1] = append(parts[i+1], c)
		}
	}
	var out []*column
	for i, p := range parts[1:] {
		out = append(out, mergeColumns(changeSchema.Column(i).Type.Physical(), p))
	}
	return out
}

// BenchmarkEncode and BenchmarkDecode are about 262,144 rows of all columns.
func BenchmarkEncode(b *testing.B) {
	cols := sampleColumns(b)
	size := 0
	for b.Loop() {
		size = 0
		for _, c := range cols {
			size += len(encodeChunk(c, goodCompression))
		}
	}
	b.ReportMetric(float64(size)/float64(cols[0].n), "B/row")
}

func BenchmarkDecode(b *testing.B) {
	var chunks [][]byte
	cols := sampleColumns(b)
	for _, c := range cols {
		chunks = append(chunks, encodeChunk(c, goodCompression))
	}
	for b.Loop() {
		for i, c := range cols {
			if _, err := decodeChunk(chunks[i], c.phys, c.n); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkFromArrow is a batch of 16,384 rows.
func BenchmarkFromArrow(b *testing.B) {
	def, _ := (&tableDef{Version: 1, Name: "T"}).with(changeSchema.Columns())
	rec := sampleBatches()[0]
	for b.Loop() {
		if _, err := columnsOf(def, rec); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkScan reads columns of 262,144 rows from the cache, and with an
// empty one.
func BenchmarkScan(b *testing.B) {
	dir := b.TempDir()
	s := open(b, dir, Options{Create: true, DiskReserve: -1})
	if err := s.CreateTable("T", changeSchema); err != nil {
		b.Fatal(err)
	}
	for _, rec := range sampleBatches() {
		if err := s.Commit(context.Background(), &table.Batch{Parts: []table.Part{{Table: "T", Rows: rec}}}); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Seal(context.Background()); err != nil {
		b.Fatal(err)
	}
	defer func() { s.Close() }()
	for _, name := range []string{"Computer", "FileSystemPath", "FileContentChecksum", "TimeGenerated"} {
		i := changeSchema.Index(name)
		b.Run("warm/"+name, func(b *testing.B) {
			for b.Loop() {
				scanColumn(b, s, i)
			}
		})
		if changeSchema.Column(i).Type == table.String {
			b.Run("count/"+name, func(b *testing.B) {
				for b.Loop() {
					read(b, s, table.Request{Columns: []int{i}, Count: &table.Count{By: i}}, func(blk table.Block) { blk.(*counted).Counts() })
				}
			})
		}
		b.Run("cold/"+name, func(b *testing.B) {
			for b.Loop() {
				s.cache = newCache(1 << 30)
				scanColumn(b, s, i)
			}
		})
	}
}

func scanColumn(b *testing.B, s *Store, i int) (rows int) {
	read(b, s, table.Request{Columns: []int{i}}, func(blk table.Block) {
		a, err := blk.Column(i, nil)
		if err != nil {
			b.Fatal(err)
		}
		rows += a.Len()
	})
	return rows
}

// read does something with each block of T, and gives the figures of the scan.
func read(t testing.TB, s *Store, r table.Request, do func(table.Block)) table.ScanStats {
	t.Helper()
	src, _ := s.Table("T")
	sc, err := src.Scan(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	defer sc.Close()
	for {
		blk, err := sc.Next(context.Background())
		if err == io.EOF {
			return sc.Stats()
		}
		if err != nil {
			t.Fatal(err)
		}
		do(blk)
	}
}

// TestMillion measures a load of 1,000,000 rows; run it with
// TIDEMARK_MILLION=1.
func TestMillion(t *testing.T) {
	if os.Getenv("TIDEMARK_MILLION") == "" {
		t.Skip("TIDEMARK_MILLION is not set")
	}
	g := newChanges(7)
	var recs []arrow.Record
	for n := 0; n < 1_000_000; n += 16384 {
		recs = append(recs, g.batch(min(16384, 1_000_000-n)))
	}
	dir := t.TempDir()
	o := Options{Create: true}
	s := open(t, dir, o)
	if err := s.CreateTable("T", changeSchema); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	for _, r := range recs {
		if err := s.Commit(context.Background(), &table.Batch{Parts: []table.Part{{Table: "T", Rows: r}}}); err != nil {
			t.Fatal(err)
		}
	}
	committed := time.Since(begin)
	if err := s.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	sealed := time.Since(begin)
	st, _ := s.Stats("T")
	t.Logf("committed in %v (%.0f rows/s), sealed after %v (%.0f rows/s)", committed, 1e6/committed.Seconds(), sealed, 1e6/sealed.Seconds())
	t.Logf("%+v", st)
	begin = time.Now()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("close %v, disk %d MB", time.Since(begin), diskUsage(dir)>>20)
	begin = time.Now()
	s = open(t, dir, o)
	t.Logf("open %v", time.Since(begin))
	begin = time.Now()
	src, _ := s.Table("T")
	sc, _ := src.Scan(context.Background(), table.Request{Columns: []int{0, 1, 2, 3}})
	t.Logf("first scan begins after %v", time.Since(begin))
	sc.Close()
	begin = time.Now()
	check(t, s)
	t.Logf("verify %v", time.Since(begin))
	w, _ := s.tables["T"].view()
	for id, c := range w.extents[0].cols {
		if c != nil {
			n := 0
			for _, p := range c.pieces {
				n += p.size
			}
			t.Logf("%-30s %9d bytes, %7d distinct", s.tables["T"].def.Load().columnName(uint32(id)), n, c.zone.distinct)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("disk %d MB", diskUsage(dir)>>20)
}

// BenchmarkOpen opens and closes a database with 262,144 sealed rows.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	s := open(b, dir, Options{Create: true, DiskReserve: -1})
	if err := s.CreateTable("T", changeSchema); err != nil {
		b.Fatal(err)
	}
	for _, rec := range sampleBatches() {
		if err := s.Commit(context.Background(), &table.Batch{Parts: []table.Part{{Table: "T", Rows: rec}}}); err != nil {
			b.Fatal(err)
		}
	}
	if err := errors.Join(s.Seal(context.Background()), s.Close()); err != nil {
		b.Fatal(err)
	}
	for _, readOnly := range []bool{false, true} {
		b.Run(fmt.Sprintf("readonly=%v", readOnly), func(b *testing.B) {
			var opening time.Duration
			for b.Loop() {
				begin := time.Now()
				s := open(b, dir, Options{ReadOnly: readOnly})
				opening += time.Since(begin)
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(opening.Milliseconds())/float64(b.N), "ms/open")
		})
	}
}
