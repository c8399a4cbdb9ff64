package storage

import (
	"context"
	"errors"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tidemark/table"
)

// largeEntry commits so many rows to T that they get a file.
func largeEntry(t *testing.T, s *Store) {
	t.Helper()
	r := rand.New(rand.NewSource(9))
	var rows []map[string]any
	for i := range 12000 {
		rows = append(rows, randomRow(r, int64(table.FromUnix(1_750_000_000+int64(i), 0))))
	}
	commit(t, s, "T", rows...)
}

func tailFiles(t *testing.T, dir string) (names []string) {
	t.Helper()
	files, err := os.ReadDir(filepath.Join(dir, tailDir))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for _, f := range files {
		names = append(names, f.Name())
	}
	return names
}

// TestTailFiles: rows of a large entry are in a file from their commit until
// they are sealed, cleared, dropped or too old.
func TestTailFiles(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, end := range map[string]func(s *Store) error{
		"seal":  func(s *Store) error { return s.Seal(ctx) },
		"clear": func(s *Store) error { return s.Commit(ctx, &table.Batch{Clear: []string{"T"}}) },
		"drop":  func(s *Store) error { return s.DropTable("T") },
		"old": func(s *Store) error {
			_, err := s.DropBefore(ctx, "T", table.FromUnix(1<<33, 0))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir, Options{Create: true, DiskReserve: -1})
			if err := s.CreateTable("T", testSchema); err != nil {
				t.Fatal(err)
			}
			largeEntry(t, s)
			want := readAll(t, s, "T")
			if n := tailFiles(t, dir); len(n) != 1 {
				t.Fatalf("files %v", n)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			orphan := filepath.Join(dir, tailDir, "00000001-00000000000000ff.rows")
			foreign := filepath.Join(dir, tailDir, "notes.txt")
			if err := errors.Join(os.WriteFile(orphan, []byte("x"), 0o600), os.WriteFile(foreign, nil, 0o600)); err != nil {
				t.Fatal(err)
			}
			s = open(t, dir, Options{ReadOnly: true})
			if got := readAll(t, s, "T"); !slices.Equal(got, want) {
				t.Errorf("reopened: %d rows, want %d", len(got), len(want))
			}
			check(t, s)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if n := tailFiles(t, dir); len(n) != 3 {
				t.Errorf("a reader has changed the files: %v", n)
			}
			s = open(t, dir, Options{DiskReserve: -1})
			if got := readAll(t, s, "T"); !slices.Equal(got, want) {
				t.Errorf("reopened: %d rows, want %d", len(got), len(want))
			}
			if n := tailFiles(t, dir); len(n) != 2 || slices.Contains(n, filepath.Base(orphan)) {
				t.Errorf("files after opening: %v", n)
			}
			if err := end(s); err != nil {
				t.Fatal(err)
			}
			if n := tailFiles(t, dir); len(n) != 1 || n[0] != "notes.txt" {
				t.Errorf("files at the end: %v", n)
			}
			check(t, s)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestTailFileRefused: a batch that is not taken leaves no file.
func TestTailFileRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, Options{Create: true, DiskReserve: -1})
	defer s.Close()
	if err := s.CreateTable("T", testSchema); err != nil {
		t.Fatal(err)
	}
	largeEntry(t, s)
	tt, _ := s.lookup("T")
	ctx, stop := context.WithCancel(context.Background())
	p := &prepared{ctx: ctx}
	pp := &preparedPart{t: tt, rows: 2, entry: &tailEntry{rows: 2}}
	p.parts = append(p.parts, pp)
	if err := s.writeTailFile(tt.id, pp.entry, []byte("rows")); err != nil {
		t.Fatal(err)
	}
	if n := tailFiles(t, dir); len(n) != 2 {
		t.Fatalf("files %v", n)
	}
	stop()
	if err := s.send(ctx, &write{batch: p}); !errors.Is(err, context.Canceled) {
		t.Fatalf("send: %v", err)
	}
	p.abandon(s)
	if n := tailFiles(t, dir); len(n) != 1 {
		t.Errorf("files %v", n)
	}
}

// TestTailFileDamage: a file that is not what was written is damage of its
// table.
func TestTailFileDamage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, Options{Create: true, DiskReserve: -1})
	if err := s.CreateTable("T", testSchema); err != nil {
		t.Fatal(err)
	}
	largeEntry(t, s)
	largeEntry(t, s)
	want := readAll(t, s, "T")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	names := tailFiles(t, dir)
	if len(names) != 2 {
		t.Fatalf("files %v", names)
	}
	path := filepath.Join(dir, tailDir, names[0])
	sound, err := os.ReadFile(path)
	other, err2 := os.ReadFile(filepath.Join(dir, tailDir, names[1]))
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewSource(10))
	for how, damage := range map[string]func() error{
		"flip": func() error {
			bad := slices.Clone(sound)
			bad[r.Intn(len(bad))] ^= 1 << r.Intn(8)
			return os.WriteFile(path, bad, 0o600)
		},
		"cut":    func() error { return os.WriteFile(path, sound[:r.Intn(len(sound))], 0o600) },
		"longer": func() error { return os.WriteFile(path, append(slices.Clone(sound), 0), 0o600) },
		"swap":   func() error { return os.WriteFile(path, other, 0o600) },
		"delete": func() error { return os.Remove(path) },
	} {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		rows, err := openAndRead(dir)
		if !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), `table "T"`) {
			t.Errorf("%s: %d rows, error %v", how, len(rows), err)
		}
	}
	if err := os.WriteFile(path, sound, 0o600); err != nil {
		t.Fatal(err)
	}
	if rows, err := openAndRead(dir); err != nil || !slices.Equal(rows, want) {
		t.Errorf("after all was put back: %d rows, %v", len(rows), err)
	}
}
