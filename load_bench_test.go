package tidemark_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"tidemark"
)

// changeLog is a text of so many changes of files and software on 5,000
// computers, made as it is read: paths that come again, checksums that do not.
type changeLog struct {
	csv  bool
	rows int
	n    int
	x    uint64
	buf  bytes.Buffer
}

const changeLogHeader = "TimeGenerated,Computer,ConfigChangeType,ChangeCategory,FieldsChanged,FileSystemPath,FileContentChecksum,PreviousFileContentChecksum,Size,PreviousSize,DateModified,SoftwareName,Publisher,Current,SourceComputerId,_ResourceId\n"

func (c *changeLog) Read(p []byte) (int, error) {
	for c.buf.Len() < len(p) && c.n < c.rows {
		if c.csv && c.n == 0 {
			c.buf.WriteString(changeLogHeader)
		}
		c.row()
		c.n++
	}
	return c.buf.Read(p)
}

func (c *changeLog) row() {
	c.x = c.x*6364136223846793005 + 1442695040888963407
	x := c.x >> 8
	i := c.n
	at := fmt.Sprintf("2025-%02d-%02dT%02d:%02d:%02d.%06dZ", i/28/86400%12+1, i/86400%28+1, i/3600%24, i/60%60, i%60, x%1000000)
	host := fmt.Sprintf("FILE-UKS-%04d.corp.contoso.com", x%5000)
	id := fmt.Sprintf("%08x-0000-4000-8000-%012x", x%5000*2654435761&0xffffffff, x%5000)
	resource := "/subscriptions/" + id + "/resourcegroups/rg-logistics/providers/microsoft.compute/virtualmachines/" + host
	now, before := fmt.Sprintf("%016x%016x%016x%016x", c.x, c.x^x, x*x, c.x*3), fmt.Sprintf("%064x", x)
	path := fmt.Sprintf("/usr/lib/modules/%d/mod%d.ko", x%97, x%24000)
	file := i%4 > 0
	switch {
	case c.csv && file:
		fmt.Fprintf(&c.buf, "%s,%s,Files,Modified,\"FileContentChecksum, Size\",%s,%s,%s,%d,%d,%s,,,,%s,%s\n", at, host, path, now, before, x%99999, x%9999, at, id, resource)
	case c.csv:
		fmt.Fprintf(&c.buf, "%s,%s,Software,Added,,,,,,,,lib%d,\"Atlassian, Inc.\",12.3.%d,%s,%s\n", at, host, x%2000, x%100, id, resource)
	case file:
		fmt.Fprintf(&c.buf, `{"TimeGenerated":"%s","Computer":"%s","ConfigChangeType":"Files","ChangeCategory":"Modified","FieldsChanged":"FileContentChecksum, Size","FileSystemPath":"%s","FileContentChecksum":"%s","PreviousFileContentChecksum":"%s","Size":%d,"PreviousSize":%d,"DateModified":"%s","SourceComputerId":"%s","_ResourceId":"%s"}`+"\n",
			at, host, path, now, before, x%99999, x%9999, at, id, resource)
	default:
		fmt.Fprintf(&c.buf, `{"TimeGenerated":"%s","Computer":"%s","ConfigChangeType":"Software","ChangeCategory":"Added","SoftwareName":"lib%d","Publisher":"Atlassian, Inc.","Current":"12.3.%d","SourceComputerId":"%s","_ResourceId":"%s"}`+"\n", at, host, x%2000, x%100, id, resource)
	}
}

// loadLog loads a log into a new database in dir, closes it, and returns how
// many bytes of text there were.
func loadLog(dir, format string, text io.Reader, rows int) (int64, error) {
	db, err := tidemark.Open(dir)
	if err != nil {
		return 0, err
	}
	stats, err := db.Ingest(context.Background(), text, tidemark.IngestOptions{Format: format, Table: "ConfigurationChange"})
	if e := db.Close(); err == nil {
		err = e
	}
	if err == nil && stats.RowsIn != int64(rows) {
		err = fmt.Errorf("%d rows of %d, %d rejected", stats.RowsIn, rows, stats.RowsRejected)
	}
	return stats.BytesIn, err
}

// benchmarkLoad is from text to a closed database: decoding, durable commits,
// sealing. Its text is made beforehand.
func benchmarkLoad(b *testing.B, format string) {
	const rows = 300_000
	text, err := io.ReadAll(&changeLog{csv: format == "csv", rows: rows})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := loadLog(b.TempDir(), format, bytes.NewReader(text), rows); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkLoadNDJSON(b *testing.B) { benchmarkLoad(b, "ndjson") }
func BenchmarkLoadCSV(b *testing.B)    { benchmarkLoad(b, "csv") }

// TestLoadMemory loads TIDEMARK_LOAD_ROWS rows of NDJSON in a process of its
// own, as the ingest command does, and fails where that needs 512 MB or more,
// mapped files counted. Without the variable it loads none.
func TestLoadMemory(t *testing.T) {
	rows, err := strconv.Atoi(os.Getenv("TIDEMARK_LOAD_ROWS"))
	if err != nil {
		t.Skip("TIDEMARK_LOAD_ROWS names no number of rows; 10000000 takes minutes")
	}
	const child = "TIDEMARK_LOAD_DIR"
	if dir := os.Getenv(child); dir != "" {
		debug.SetGCPercent(30)
		if _, err := loadLog(dir, "ndjson", &changeLog{rows: rows}, rows); err != nil {
			t.Fatal(err)
		}
		status, err := os.ReadFile("/proc/self/status")
		if err != nil {
			t.Skip(err)
		}
		_, peak, _ := strings.Cut(string(status), "VmHWM:")
		var kb int
		if _, err := fmt.Sscanf(peak, "%d kB", &kb); err != nil {
			t.Fatal(err)
		}
		if kb >= 512_000 {
			t.Errorf("a load of %d rows needs %d MB", rows, kb/1000)
		}
		t.Logf("peak memory: %d MB", kb/1000)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestLoadMemory$", "-test.v", "-test.timeout=1h")
	cmd.Env = append(os.Environ(), child+"="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v", err)
	}
	t.Logf("%s", out)
}
