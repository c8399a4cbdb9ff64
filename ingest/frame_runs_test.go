package ingest

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// TestRuns interleaves the lines of events at random and hands the text over
// piece by piece: the records make up the text, and no event lies in two.
func TestRuns(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		var lines []string
		open := map[int]int{} // lines that an event has yet to come
		for serial := 0; serial < 30 || len(open) > 0; {
			if serial < 30 && (len(open) == 0 || rng.IntN(3) == 0) {
				open[serial] = 1 + rng.IntN(4)
				serial++
				continue
			}
			for n := range open {
				kind := "PATH"
				if open[n]--; open[n] == 0 {
					kind = "PROCTITLE"
					delete(open, n)
				}
				lines = append(lines, fmt.Sprintf("type=%s msg=audit(1773212400.%03d:%d): x\n", kind, n, n))
				break
			}
		}
		text := strings.Join(lines, "")
		r := &runs{classify: classifyAudit, window: 2000}
		in := map[string]int{} // event to record
		got, seen, records := "", 0, 0
		for pos := 0; pos < len(text); {
			seen = min(len(text), seen+1+rng.IntN(200))
			for {
				n, record, err := r.split([]byte(text[pos:seen]), seen == len(text))
				if n == 0 || err != nil {
					break
				}
				got += text[pos : pos+n]
				records++
				for line := range strings.SplitSeq(string(record), "\n") {
					_, id, _ := strings.Cut(line, "audit(")
					if before, ok := in[id]; ok && before != records {
						t.Fatalf("event %s is in two records\n%s", id, text)
					}
					in[id] = records
				}
				if pos += n; pos == seen {
					break
				}
			}
		}
		if got != text || records == 0 {
			t.Fatalf("%d records are not the text", records)
		}
	}
}

// TestRunsEnd ends events that the kernel has left without an end: by time,
// by distance, by patience.
func TestRunsEnd(t *testing.T) {
	line := func(ms, serial int) string {
		return fmt.Sprintf("node=a type=PATH msg=audit(17732124%02d.%03d:%d): x\n", ms/1000, ms%1000, serial)
	}
	for name, c := range map[string]struct {
		text  string
		hurry bool
		want  int // length of the first record, 0 for none yet
	}{
		"open":        {line(0, 1), false, 0},
		"patience":    {line(0, 1), true, len(line(0, 1))},
		"soon":        {line(0, 1) + line(2000, 2), false, 0},
		"later":       {line(0, 1) + line(2001, 2), false, len(line(0, 1))},
		"other node":  {line(0, 1) + strings.Replace(line(9000, 2), "=a", "=b", 1), false, 0},
		"interleaved": {line(0, 1) + line(1, 2) + line(0, 1) + line(3000, 3), false, 3 * len(line(0, 1))},
		"long log":    {line(0, 1) + strings.Repeat(line(1, 2), maxRun/len(line(1, 2))+2), false, len(line(0, 1))},
	} {
		r := &runs{classify: classifyAudit, window: 2000}
		if c.hurry {
			r.split([]byte(c.text), false)
			r.hurry()
		}
		if n, _, _ := r.split([]byte(c.text), false); n != c.want {
			t.Errorf("%s: %d, want %d", name, n, c.want)
		}
	}
}

// TestRunsBound keeps an event open for ever: the text is passed on all the
// same, and quickly.
func TestRunsBound(t *testing.T) {
	var b strings.Builder
	for n := range 30_000 {
		fmt.Fprintf(&b, "type=PATH msg=audit(1773212400.000:1): x\ntype=PATH msg=audit(1773212400.000:%d): x\n", n+2)
	}
	text := []byte(b.String())
	r := &runs{classify: classifyAudit, window: 2000}
	for pos, seen := 0, 0; pos < len(text); {
		seen = min(len(text), max(seen, pos)+256<<10)
		for {
			n, record, _ := r.split(text[pos:seen], seen == len(text))
			if n == 0 {
				break
			}
			if pos += n; len(record) > MaxRecord/2 {
				t.Fatalf("a record of %d bytes", len(record))
			}
			if pos == seen {
				break
			}
		}
	}
}

// impatient waits no longer than a moment for an event to go on.
type impatient struct{ runs }

func (i *impatient) patience() time.Duration { return time.Millisecond }

// TestPatience gets a record out of an input that stays silent behind it.
func TestPatience(t *testing.T) {
	r, w := io.Pipe()
	defer w.Close()
	go io.WriteString(w, "type=PATH msg=audit(1773212400.000:1): x\n")
	f := &framer{pump: newPump(t.Context(), r, func() {}), splitter: &impatient{runs{classify: classifyAudit, window: 2000}}, maxRows: 10, maxBytes: 1 << 20, wait: time.Millisecond, line: 1}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c, err := f.next(ctx)
	if err != nil || len(c.records) != 1 {
		t.Fatal(c, err)
	}
}

// TestBlocks cuts reports behind their last line, and before the first line of
// the next where one has been broken off.
func TestBlocks(t *testing.T) {
	s := &blocks{
		first: func(line []byte) bool { return string(line) == "start" },
		last:  func(line []byte) bool { return string(line) == "end" },
	}
	text := "before\nstart\na\nend\n\nstart\nb\nstart\nc\nend\nrest"
	var got []string
	for pos, seen := 0, 0; pos < len(text); {
		seen = min(len(text), seen+3)
		n, record, err := s.split([]byte(text[pos:seen]), seen == len(text))
		if err != nil {
			t.Fatal(err)
		}
		if pos += n; n > 0 {
			got = append(got, string(record))
		}
	}
	want := []string{"before\nstart\na\nend", "start\nb", "start\nc\nend", "rest"}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("%q", got)
	}
}
