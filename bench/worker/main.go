// Command worker joins Tidemark to a benchmark that times several engines side
// by side. It reads one JSON object a line on standard input and writes one a
// line on standard output; README.md describes them.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
)

// request is what the driver asks; each op uses some of the fields.
type request struct {
	ID        int64    `json:"id"`
	Op        string   `json:"op"`
	DB        string   `json:"db"`
	Changes   string   `json:"changes"`
	Inventory string   `json:"inventory"`
	Threads   int      `json:"threads"`
	N         int      `json:"n"`
	Text      string   `json:"text"`
	Ordered   bool     `json:"ordered"`
	Drop      []string `json:"drop"`
}

// answer is the fields of an answer besides id and ok.
type answer map[string]any

func main() {
	w := &worker{}
	ops := map[string]func(context.Context, request) (answer, error){
		"hello": hello, "load": w.load, "open": w.open, "threads": w.setThreads,
		"query": w.query, "answer": w.answer, "size": w.size, "close": w.close,
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 16<<20)
	out := json.NewEncoder(os.Stdout)
	for in.Scan() {
		var r request
		if err := json.Unmarshal(in.Bytes(), &r); err != nil {
			continue
		}
		reply := answer{"ok": true}
		op, known := ops[r.Op]
		err := fmt.Errorf("there is no op %q", r.Op)
		if known {
			var a answer
			a, err = op(context.Background(), r)
			for k, v := range a {
				reply[k] = v
			}
		}
		if err != nil {
			reply = answer{"ok": false, "error": err.Error()}
		}
		reply["id"] = r.ID
		if err := out.Encode(reply); err != nil || r.Op == "close" {
			break
		}
	}
	if err := in.Err(); err != nil {
		fmt.Fprintln(os.Stderr, "worker:", err)
		os.Exit(1)
	}
}

// hello tells which build of Tidemark this is.
func hello(context.Context, request) (answer, error) {
	version := "development"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				version = s.Value[:min(12, len(s.Value))]
			}
		}
	}
	return answer{"engine": "tidemark", "version": version}, nil
}
