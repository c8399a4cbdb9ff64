package tidemark_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tidemark"
)

// Example is the program of the README.
func Example() {
	if err := readme(context.Background(), "", strings.NewReader(changes)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 2026-03-10 22:30:41.1234567 +0000 UTC /etc/passwd
	// 2026-03-10 22:30:41.1234567 +0000 UTC /etc/cron.d/sysupd
}

func readme(ctx context.Context, dir string, file *strings.Reader) error {
	db, err := tidemark.Open(dir)
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.Ingest(ctx, file, tidemark.IngestOptions{}); err != nil {
		return err
	}
	result, err := db.Query(ctx, `ConfigurationChange | where Computer == "web-01" | take 10`)
	if err != nil {
		return err // parser.Errors: each with its place and a hint
	}
	defer result.Close()
	for row, err := range result.Rows(ctx) {
		if err != nil {
			return err
		}
		fmt.Println(row.Time("TimeGenerated"), row.String("FileSystemPath"))
	}
	return nil
}

func fences(t *testing.T, lang string) []string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range regexp.MustCompile("(?s)```"+lang+"\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		out = append(out, m[1])
	}
	return out
}

// The README's Go program is the one that Example runs.
func TestReadmeProgram(t *testing.T) {
	source, err := os.ReadFile("readme_test.go")
	if err != nil {
		t.Fatal(err)
	}
	squeeze := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	for _, program := range fences(t, "go") {
		program = strings.Replace(program, `tidemark.Open("changes.db")`, `tidemark.Open(dir)`, 1)
		if !strings.Contains(squeeze(string(source)), squeeze(program)) {
			t.Errorf("this is not what Example runs:\n%s", program)
		}
	}
}

// The README's command lines run, in order, in a copy of what they need. Those
// that run the tests or the tour are run as such elsewhere.
func TestReadmeCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the command")
	}
	dir := t.TempDir()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(here, "examples"), filepath.Join(dir, "examples")); err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, block := range fences(t, "sh") {
		for _, line := range strings.Split(strings.TrimSpace(block), "\n") {
			if strings.HasPrefix(line, "go run") || strings.HasPrefix(line, "go test") {
				continue
			}
			cmd := exec.Command("sh", "-c", line)
			cmd.Dir = dir
			if strings.HasPrefix(line, "go build") {
				cmd = exec.Command("go", "build", "-o", dir, "./cmd/tidemark")
			}
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s\n%v\n%s", line, err, out)
			}
			ran++
		}
	}
	if ran < 4 {
		t.Errorf("only %d command lines were found", ran)
	}
}

// The error that the README shows is the one that is given.
func TestReadmeError(t *testing.T) {
	text := strings.Join(fences(t, "text"), "")
	db := open(t)
	_, err := db.Query(context.Background(), "ConfigurationChange\n| where PreviousValue != \"\"")
	if err == nil || !strings.Contains(text, err.Error()) {
		t.Errorf("the README shows\n%s\nand the error is %v", text, err)
	}
}
