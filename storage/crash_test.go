package storage

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
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

	"github.com/apache/arrow/go/v15/arrow"

	"tidemark/table"
)

// TestMain runs the test binary as the child of a test when it is told to.
func TestMain(m *testing.M) {
	if dir := os.Getenv("TIDEMARK_TEST_WRITER"); dir != "" {
		writerChild(dir)
		return
	}
	if dir := os.Getenv("TIDEMARK_TEST_OPENER"); dir != "" {
		_, err := Open(dir, Options{})
		fmt.Print(errors.Is(err, ErrLocked), " ", err)
		return
	}
	if dir := os.Getenv("TIDEMARK_TEST_READER"); dir != "" {
		readerChild(dir)
		return
	}
	os.Exit(m.Run())
}

var crashSchema = table.MustSchema(
	table.Column{Name: "Batch", Type: table.Long},
	table.Column{Name: "Row", Type: table.Long},
	table.Column{Name: "Text", Type: table.String},
)

// crashRows is how many rows batch n has in each of the two tables: mostly
// few, at times enough to be stored before they are published (many bytes) or
// to become an extent at once (many rows).
func crashRows(n int) int {
	switch {
	case n%17 == 5:
		return 2100
	case n%29 == 11:
		return 600
	}
	return 1 + n*7%40
}

func crashText(n, row int) string {
	if n%29 == 11 { // 600 rows of 4 KB that do not compress
		b := make([]byte, 4096)
		x := uint64(n*1000+row)*0x9e3779b97f4a7c15 + 1
		for i := 0; i < len(b); i += 8 {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
			binary.LittleEndian.PutUint64(b[i:], x)
		}
		return string(b)
	}
	return fmt.Sprintf("batch %d row %d", n, row)
}

func crashRecord(n int) arrow.Record {
	var rows []map[string]any
	for i := range crashRows(n) {
		rows = append(rows, map[string]any{"Batch": int64(n), "Row": int64(i), "Text": crashText(n, i)})
	}
	return record(crashSchema, crashSchema.Names(), rows, false)
}

var crashOptions = Options{Create: true, SealRows: 2000, DiskReserve: -1}

// writerChild commits batches from the number on that the mark states, and
// prints each number after it has been acknowledged.
func writerChild(dir string) {
	s, err := Open(dir, crashOptions)
	if err != nil {
		fmt.Println("error", err)
		return
	}
	for _, name := range []string{"One", "Two"} {
		if err := s.CreateTable(name, crashSchema); err != nil && !errors.Is(err, ErrTableExists) {
			fmt.Println("error", err)
			return
		}
	}
	last, err := s.Mark("last")
	if err != nil {
		fmt.Println("error", err)
		return
	}
	n, _ := strconv.Atoi(string(last))
	for n++; ; n++ {
		rec := crashRecord(n)
		err := s.Commit(context.Background(), &table.Batch{
			Parts: []table.Part{{Table: "One", Rows: rec}, {Table: "Two", Rows: rec}},
			Marks: map[string][]byte{"last": []byte(strconv.Itoa(n))},
		})
		if err != nil {
			fmt.Println("error", err)
			return
		}
		fmt.Println(n)
	}
}

// TestCrash kills a writer at random moments. Nothing that was acknowledged
// may be lost, and of no batch there may be a part.
func TestCrash(t *testing.T) {
	t.Parallel()
	rounds := 20
	if testing.Short() {
		rounds = 4
	}
	var dir string
	r := rand.New(rand.NewSource(time.Now().UnixNano()))
	total := 0
	for round := range rounds {
		if round%4 == 0 { // a database is killed four times
			dir = t.TempDir()
		}
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "TIDEMARK_TEST_WRITER="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		acked := 0
		// Wait for some acknowledgements, then for a random time more.
		stop := r.Intn(40)
		var timer *time.Timer
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), "error") {
				t.Fatal(lines.Text())
			}
			acked, _ = strconv.Atoi(lines.Text())
			if stop--; stop <= 0 && timer == nil {
				timer = time.AfterFunc(time.Duration(r.Intn(30_000))*time.Microsecond, func() { cmd.Process.Kill() })
			}
		}
		cmd.Wait()
		total += acked
		checkCrash(t, dir, acked, round%4 == 3)
		if t.Failed() {
			return
		}
	}
	t.Logf("%d acknowledgements in %d rounds", total, rounds)
}

// checkCrash checks the rows after a kill.
func checkCrash(t *testing.T, dir string, acked int, verify bool) {
	t.Helper()
	s := open(t, dir, crashOptions)
	defer s.Close()
	mark, err := s.Mark("last")
	if err != nil {
		t.Fatal(err)
	}
	last, _ := strconv.Atoi(string(mark))
	if last < acked {
		t.Fatalf("batch %d was acknowledged, the mark says %d", acked, last)
	}
	if len(s.Tables()) < 2 && last == 0 {
		return
	}
	for _, name := range []string{"One", "Two"} {
		seen := make(map[string]int)
		for _, row := range readAll(t, s, name) {
			batch, rest, _ := strings.Cut(row, "|")
			i, text, _ := strings.Cut(rest, "|")
			n, _ := strconv.Atoi(batch)
			k, _ := strconv.Atoi(i)
			if text != crashText(n, k)+"|" {
				t.Fatalf("table %s: row %s of batch %s is wrong", name, i, batch)
			}
			seen[batch]++
		}
		if len(seen) != last {
			t.Fatalf("table %s: %d batches, want %d", name, len(seen), last)
		}
		for n := 1; n <= last; n++ {
			if got := seen[strconv.Itoa(n)]; got != crashRows(n) {
				t.Fatalf("table %s: batch %d has %d rows of %d", name, n, got, crashRows(n))
			}
		}
	}
	if verify {
		check(t, s)
		// A merge under way in the background has a mark until it is published.
		for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			s.collect()
			n, err := count(s.db, newKey(kindGarbage))
			if err == nil && n == 0 {
				break
			}
			if err != nil || time.Now().After(deadline) {
				t.Fatalf("%d garbage marks are left, %v", n, err)
			}
		}
	}
}

// TestLocked opens a database that this process has open in another process.
func TestLocked(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{Create: true})
	ask := func() string {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "TIDEMARK_TEST_OPENER="+dir)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	got := ask()
	host, _ := os.Hostname()
	for _, want := range []string{"true ", strconv.Itoa(os.Getpid()), host} {
		if !strings.Contains(got, want) {
			t.Errorf("error %q does not hold %q", got, want)
		}
	}
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrLocked) {
		t.Errorf("second open in the same process: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// An owner file that was left behind does not lock.
	writeOwner(dir, time.Now())
	if got := ask(); !strings.HasPrefix(got, "false") {
		t.Errorf("after close: %q", got)
	}
}

// TestEmptyLogs: a program that is killed may leave log files without a byte in
// them. They keep nobody from opening the database.
func TestEmptyLogs(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{Create: true, DiskReserve: -1})
	if err := s.Commit(t.Context(), &table.Batch{Marks: map[string][]byte{"m": []byte("kept")}}); err != nil {
		t.Fatal(err)
	}
	for round := range 3 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"00090.mem", "00091.mem", "000092.vlog"} {
			if err := os.WriteFile(filepath.Join(dir, dataDir, name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s = open(t, dir, Options{DiskReserve: -1})
		if b, err := s.Mark("m"); err != nil || string(b) != "kept" {
			t.Errorf("round %d: %q, %v", round, b, err)
		}
		check(t, s)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestQuiet: badger must not write to the terminal.
func TestQuiet(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, errOut := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = w, w
	s, err := Open(t.TempDir(), Options{Create: true})
	if err == nil {
		err = s.Close()
	}
	os.Stdout, os.Stderr = out, errOut
	w.Close()
	var b bytes.Buffer
	io.Copy(&b, r)
	if err != nil || b.Len() > 0 {
		t.Errorf("%v, written: %q", err, b.String())
	}
}
