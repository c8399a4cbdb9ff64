package storage

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dgraph-io/badger/v4"

	"tidemark/table"
)

// damagedStore makes a database with extents, a tail of one small and one
// large entry, marks and dropped rows, closes it, and returns its rows.
func damagedStore(t *testing.T) (dir string, rows []string) {
	t.Helper()
	dir = t.TempDir()
	s := open(t, dir, Options{Create: true, DiskReserve: -1})
	for _, name := range []string{"Gone", "T"} {
		if err := s.CreateTable(name, testSchema); err != nil {
			t.Fatal(err)
		}
	}
	r := rand.New(rand.NewSource(5))
	some := func(n int) (rows []map[string]any) {
		for i := range n {
			rows = append(rows, randomRow(r, int64(table.FromUnix(1_750_000_000+int64(i), 0))))
		}
		return rows
	}
	commit(t, s, "Gone", some(3)...)
	commit(t, s, "T", some(12000)...)
	if err := errors.Join(s.DropTable("Gone"), s.Seal(context.Background())); err != nil {
		t.Fatal(err)
	}
	var led []map[string]any
	for range 4000 {
		led = append(led, ledRow(r, 300))
	}
	commit(t, s, "T", led...)
	if err := s.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	commit(t, s, "T", some(5)...)
	commit(t, s, "T", some(3000)...)
	if err := s.Commit(context.Background(), &table.Batch{Marks: map[string][]byte{"m": []byte("value of the mark")}}); err != nil {
		t.Fatal(err)
	}
	rows = readAll(t, s, "T")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, rows
}

// tamper opens the badger below a closed database.
func tamper(t *testing.T, dir string, f func(txn *badger.Txn) error) {
	t.Helper()
	z := defaultSizes
	z.MemTableSize = 2 << 20 // opens faster; harmless, as it was closed properly
	db, err := openBadger(badgerOptions(filepath.Join(dir, dataDir), z, false))
	if err == nil {
		err = errors.Join(db.Update(f), db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// openAndRead returns what a reader of the database gets: all its rows, or an
// error.
func openAndRead(dir string) (rows []string, err error) {
	s, err := Open(dir, Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if _, err := s.Mark("m"); err != nil {
		return nil, err
	}
	if rows, err = readRows(s, "T"); err != nil {
		return nil, err
	}
	found := 0
	if _, err := s.Verify(context.Background(), func(p Problem) { err, found = p.Err, found+1 }); err != nil {
		return nil, err
	}
	if found > 0 {
		return nil, fmt.Errorf("verify: %w", err)
	}
	return rows, nil
}

// TestCorruptValues flips a bit in, cuts off, swaps or deletes stored values of
// every kind. Each must come out as damage that names the table.
func TestCorruptValues(t *testing.T) {
	t.Parallel()
	dir, want := damagedStore(t)
	values := map[string][]byte{}
	tamper(t, dir, func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.DefaultIteratorOptions)
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			v, err := it.Item().ValueCopy(nil)
			if err != nil {
				return err
			}
			values[string(it.Item().Key())] = v
		}
		return nil
	})
	// One key of every kind, and every column chunk.
	seen := map[byte]int{}
	r := rand.New(rand.NewSource(6))
	names := map[string]bool{}
	last := string(stateKey()) // the key that was damaged last, to be put right
	for k, v := range values {
		kind := k[0]
		if seen[kind]++; seen[kind] > 2 && kind != kindChunk {
			continue
		}
		for _, how := range []string{"flip", "cut", "swap", "delete"} {
			bad := append([]byte(nil), v...)
			switch how {
			case "flip":
				bad[r.Intn(len(bad))] ^= 1 << r.Intn(8)
			case "cut":
				bad = bad[:r.Intn(len(bad))]
			case "swap": // a sound value of another key
				for other, o := range values {
					if other != k {
						bad = o
						break
					}
				}
			case "delete":
				if kind == kindMark || kind == kindDropped {
					bad = v // nothing lists marks; dropped rows are tested below
				}
			}
			tamper(t, dir, func(txn *badger.Txn) error {
				if err := txn.Set([]byte(last), values[last]); err != nil {
					return err
				}
				last = k
				if how == "delete" && kind != kindMark {
					return txn.Delete([]byte(k))
				}
				return txn.Set([]byte(k), bad)
			})
			rows, err := openAndRead(dir)
			if kind == kindTable && how == "delete" {
				// The table is unknown then; its rows are missed by Verify.
				err = errors.Join(err, verifyError(t, dir))
			}
			switch {
			case how == "delete" && kind == kindMark:
			case err == nil:
				t.Errorf("%s of key %q: no error, %d rows of %d", how, k, len(rows), len(want))
			case !errors.Is(err, ErrCorrupt):
				t.Errorf("%s of key %q: %v", how, k, err)
			case strings.ContainsRune("hrbmx", rune(kind)) && !strings.Contains(err.Error(), `table "T"`):
				t.Errorf("%s of key %q does not name the table: %v", how, k, err)
			case kind == kindChunk:
				var c *CorruptError
				if !errors.As(err, &c) || c.Column == "" || c.Extent == 0 {
					t.Errorf("%s of key %q does not name the column: %v", how, k, err)
				} else {
					names[c.Column] = true
				}
			}
		}
	}
	tamper(t, dir, func(txn *badger.Txn) error { return txn.Set([]byte(last), values[last]) })
	for _, kind := range []byte{kindState, kindTable, kindHead, kindTail, kindTailData, kindManifest, kindChunk, kindDropped, kindMark} {
		if seen[kind] == 0 {
			t.Errorf("no key of kind %c was tested", kind)
		}
	}
	if len(names) != testSchema.Len() {
		t.Errorf("columns named: %v", names)
	}
	if rows, err := openAndRead(dir); err != nil || len(rows) != len(want) {
		t.Errorf("after all was put back: %d rows, %v", len(rows), err)
	}
}

func verifyError(t *testing.T, dir string) (err error) {
	s := open(t, dir, Options{ReadOnly: true})
	defer s.Close()
	s.Verify(context.Background(), func(p Problem) { err = p.Err })
	return err
}

func rowsHash(rows []string) string {
	h := fnv.New64a()
	for _, r := range rows {
		h.Write([]byte(r))
		h.Write([]byte{0})
	}
	return fmt.Sprintf("%d %x", len(rows), h.Sum64())
}

// readerChild prints what openAndRead gives.
func readerChild(dir string) {
	rows, err := openAndRead(dir)
	switch {
	case errors.Is(err, ErrCorrupt):
		fmt.Print("corrupt ", err)
	case err != nil:
		fmt.Print("error ", err)
	default:
		fmt.Print("rows ", rowsHash(rows))
	}
}

// TestCorruptFiles flips bits in the files of a database. A reader gets the
// right rows or an error. It reads in a child process, for badger itself ends
// the process over some kinds of damage: that is loud too, and counted.
func TestCorruptFiles(t *testing.T) {
	t.Parallel()
	tries := 16
	if testing.Short() {
		tries = 6
	}
	dir, rows := damagedStore(t)
	want := "rows " + rowsHash(rows)
	var files []string
	filepath.WalkDir(filepath.Join(dir, dataDir), func(p string, d fs.DirEntry, err error) error {
		if i, e := d.Info(); err == nil && e == nil && d.Type().IsRegular() && i.Size() > 100 && filepath.Ext(p) != ".mem" {
			files = append(files, p)
		}
		return nil
	})
	r := rand.New(rand.NewSource(7))
	outcome := map[string]int{}
	for i := range tries {
		copied := t.TempDir()
		if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		name, _ := filepath.Rel(dir, files[i%len(files)])
		path := filepath.Join(copied, name)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		place := r.Intn(len(b))
		b[place] ^= 1 << r.Intn(8)
		os.WriteFile(path, b, 0o600)
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "TIDEMARK_TEST_READER="+copied)
		out, err := cmd.Output()
		got, _, _ := strings.Cut(string(out), " ")
		switch {
		case err != nil:
			outcome["ended by badger"]++
			t.Logf("byte %d of %s: %v %.100s", place, name, err, out)
		case got == "rows" && string(out) != want:
			t.Errorf("byte %d of %s: wrong rows without an error: %s, want %s", place, name, out, want)
		case got == "error":
			t.Errorf("byte %d of %s: %s", place, name, out)
		default:
			outcome[got]++
		}
	}
	t.Logf("%v in %v", outcome, files)
}
