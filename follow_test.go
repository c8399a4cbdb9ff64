package tidemark_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"tidemark"
)

// TestFollowChild is the process that TestFollowCrash kills: it follows a
// folder until it has as many rows as it is told, if it is.
func TestFollowChild(t *testing.T) {
	dir := os.Getenv("TIDEMARK_TEST_FOLLOW")
	if dir == "" {
		t.Skip("the child of another test")
	}
	db, err := tidemark.Open(filepath.Join(dir, "db"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	if want, _ := strconv.ParseInt(os.Getenv("TIDEMARK_TEST_ROWS"), 10, 64); want > 0 {
		go func() {
			defer stop()
			for end := time.Now().Add(20 * time.Second); time.Now().Before(end) && followedRows(t, db) < want; {
				time.Sleep(20 * time.Millisecond)
			}
			time.Sleep(time.Second) // what comes twice comes now
		}()
	}
	o := tidemark.FollowOptions{
		Poll: 5 * time.Millisecond, Quiet: 100 * time.Millisecond, Final: 500 * time.Millisecond,
		Report: func(path string, err error) { fmt.Printf("%s: %v\n", path, err) },
	}
	source := tidemark.FollowSource{Paths: []string{filepath.Join(dir, "logs")}}
	source.Options.BatchRows = 64
	fmt.Println("follows")
	s, err := db.Follow(ctx, []tidemark.FollowSource{source}, o)
	if err != nil {
		t.Error(err)
	}
	if s.RowsRejected > 0 {
		t.Errorf("rejected: %+v", s.Rejects)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

func followedRows(t *testing.T, db *tidemark.DB) int64 {
	infos, err := db.Tables()
	if err != nil {
		t.Error(err)
	}
	for _, i := range infos {
		if i.Name == "ConfigurationChange" {
			return i.Rows
		}
	}
	return 0
}

// logWriter writes a log as programs and logrotate do.
type logWriter struct {
	t     *testing.T
	dir   string
	r     *rand.Rand
	f     *os.File
	rows  int
	files int    // rotated ones
	rest  string // of a line that has been written in part
}

func (w *logWriter) path(name string) string { return filepath.Join(w.dir, name) }

func (w *logWriter) check(err error) {
	if err != nil {
		w.t.Error(err)
	}
}

func (w *logWriter) open() {
	f, err := os.OpenFile(w.path("agent.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o666)
	w.check(err)
	w.f = f
}

func (w *logWriter) line() string {
	w.rows++
	return fmt.Sprintf(`{"TimeGenerated":"2026-03-11T07:00:%02d.%03dZ","Computer":"web%02d","ConfigChangeType":"Files","FileSystemPath":"/f%d"}`+"\n", w.rows/1000%60, w.rows%1000, w.rows%7, w.rows-1)
}

// write writes some lines, the last perhaps in part.
func (w *logWriter) write() {
	text := w.rest
	for range w.r.Intn(200) {
		text += w.line()
	}
	cut := len(text)
	if w.r.Intn(3) == 0 {
		cut = w.r.Intn(len(text) + 1)
	}
	_, err := io.WriteString(w.f, text[:cut])
	w.check(err)
	w.rest = text[cut:]
}

// finish writes the rest of the last line.
func (w *logWriter) finish() {
	_, err := io.WriteString(w.f, w.rest)
	w.check(err)
	w.rest = ""
}

func (w *logWriter) step() {
	switch w.r.Intn(12) {
	case 0: // renamed by date; the program goes on for a while
		w.files++
		w.check(os.Rename(w.path("agent.log"), w.path(fmt.Sprintf("agent.log-%08d", w.files))))
		w.write()
		w.finish()
		w.f.Close()
		w.open()
	case 1: // renamed by number
		w.finish()
		w.f.Close()
		for n := 60; n > 0; n-- {
			os.Rename(w.path(fmt.Sprintf("agent.log.%d", n)), w.path(fmt.Sprintf("agent.log.%d", n+1)))
		}
		w.check(os.Rename(w.path("agent.log"), w.path("agent.log.1")))
		w.open()
	case 2: // copied and truncated
		w.finish()
		w.files++
		text, err := os.ReadFile(w.path("agent.log"))
		w.check(err)
		w.check(os.WriteFile(w.path(fmt.Sprintf("agent.log.copy%d", w.files)), text, 0o666))
		w.check(os.Truncate(w.path("agent.log"), 0))
	case 3, 4:
		w.pack()
	default:
		w.write()
	}
}

// pack compresses a rotated file and removes it.
func (w *logWriter) pack() {
	all, _ := filepath.Glob(w.path("agent.log[.-]*"))
	for _, i := range w.r.Perm(len(all)) {
		if strings.HasSuffix(all[i], ".gz") {
			continue
		}
		w.files++
		text, err := os.ReadFile(all[i])
		w.check(err)
		f, err := os.Create(w.path(fmt.Sprintf("agent.log-%08d.gz", w.files)))
		w.check(err)
		z := gzip.NewWriter(f)
		_, err = z.Write(text)
		w.check(err)
		w.check(z.Flush())
		time.Sleep(time.Duration(w.r.Intn(10)) * time.Millisecond)
		w.check(z.Close())
		w.check(f.Close())
		w.check(os.Remove(all[i]))
		return
	}
}

// TestFollowCrash follows logs that are written, rotated, copied and packed,
// with a process that is killed again and again. In the end all rows are there,
// each once. TIDEMARK_TEST_ROUNDS is how many times it is killed.
func TestFollowCrash(t *testing.T) {
	rounds := 6
	if n, err := strconv.Atoi(os.Getenv("TIDEMARK_TEST_ROUNDS")); err == nil {
		rounds = n
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "logs"), 0o777); err != nil {
		t.Fatal(err)
	}
	w := &logWriter{t: t, dir: filepath.Join(dir, "logs"), r: rand.New(rand.NewSource(int64(rounds)))}
	w.open()
	for range rounds {
		c, out := followChild(t, dir, 0)
		line := make([]byte, 256)
		if n, err := out.Read(line); !strings.Contains(string(line[:n]), "follows") {
			rest, _ := io.ReadAll(out)
			t.Fatalf("the child says %s%s: %v", line[:n], rest, err)
		}
		go io.Copy(io.Discard, out)
		for end := time.Now().Add(time.Duration(w.r.Intn(400)) * time.Millisecond); time.Now().Before(end); {
			w.step()
			time.Sleep(time.Duration(w.r.Intn(8)) * time.Millisecond)
		}
		c.Process.Kill()
		c.Wait()
		for range w.r.Intn(10) {
			w.step() // nobody looks
		}
	}
	w.finish()
	c, out := followChild(t, dir, w.rows)
	said, _ := io.ReadAll(out)
	if err := c.Wait(); err != nil {
		t.Errorf("%v: %s", err, said)
	}
	db, err := tidemark.Open(filepath.Join(dir, "db"), tidemark.ReadOnly())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	query := `ConfigurationChange | summarize n = count() by FileSystemPath | summarize files = count(), rows = sum(n), most = max(n)`
	res, err := db.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Close()
	var files, rows, most int64
	for row, err := range res.Rows(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		files, rows, most = row.Value(0).(int64), row.Value(1).(int64), row.Value(2).(int64)
	}
	t.Logf("%d rows written, %d files; %d different rows stored, %d in all", w.rows, w.files, files, rows)
	if files != int64(w.rows) || rows != int64(w.rows) || most > 1 {
		t.Errorf("%d rows were written, %d different ones stored, %d in all; the last child: %s", w.rows, files, rows, said)
	}
}

func followChild(t *testing.T, dir string, rows int) (*exec.Cmd, io.Reader) {
	t.Helper()
	c := exec.Command(os.Args[0], "-test.run=^TestFollowChild$")
	c.Env = append(os.Environ(), "TIDEMARK_TEST_FOLLOW="+dir, fmt.Sprintf("TIDEMARK_TEST_ROWS=%d", rows))
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c, out
}
