package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"tidemark"
	"tidemark/table"
)

// changeTypes are the columns of the changes that are not strings.
var changeTypes = map[string]table.Type{
	"TimeGenerated": table.Datetime, "DateModified": table.Datetime,
	"Size": table.Long, "PreviousSize": table.Long,
}

// load makes a database of the changes and the inventory. Closing it is part
// of the time: it ends the work that goes on behind.
func (w *worker) load(ctx context.Context, r request) (answer, error) {
	if err := os.RemoveAll(r.DB); err != nil {
		return nil, err
	}
	start, cpu := time.Now(), cpuTime()
	defer debug.SetGCPercent(debug.SetGCPercent(30)) // as the ingest command does
	db, err := tidemark.Open(r.DB, tidemark.Threads(r.Threads))
	if err != nil {
		return nil, err
	}
	err = loadChanges(ctx, db, r.Changes)
	if err == nil && r.Inventory != "" {
		err = loadInventory(ctx, db, r.Inventory)
	}
	if e := db.Close(); err == nil {
		err = e
	}
	if err != nil {
		return nil, err
	}
	a := answer{"ms": ms(time.Since(start)), "cpu_ms": ms(cpuTime() - cpu), "optimize_ms": 0}
	a["bytes"], err = treeBytes(r.DB)
	return a, err
}

// loadChanges loads the changes into a table that has the file's columns and
// no others, so that "all columns" means the same to every engine.
func loadChanges(ctx context.Context, db *tidemark.DB, path string) error {
	names, err := columnsOf(path)
	if err != nil {
		return err
	}
	cols := make([]table.Column, len(names))
	for i, name := range names {
		cols[i] = table.Column{Name: name, Type: table.String}
		if t, ok := changeTypes[name]; ok {
			cols[i].Type = t
		}
	}
	return ingest(ctx, db, "ConfigurationChange", path, cols)
}

// loadInventory loads a CSV file whose column types show in its first row.
func loadInventory(ctx context.Context, db *tidemark.DB, path string) error {
	rows, err := head(path, 2)
	if err != nil {
		return err
	}
	cols := make([]table.Column, len(rows[0]))
	for i, name := range rows[0] {
		cols[i] = table.Column{Name: name, Type: table.String}
		if len(rows) > 1 {
			if _, err := strconv.ParseInt(rows[1][i], 10, 64); err == nil {
				cols[i].Type = table.Long
			}
		}
	}
	return ingest(ctx, db, "Inventory", path, cols)
}

func ingest(ctx context.Context, db *tidemark.DB, name, path string, cols []table.Column) error {
	schema, err := table.NewSchema(cols...)
	if err != nil {
		return err
	}
	if err := db.CreateTable(name, schema); err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	format := "csv"
	if isJSON(path) {
		format = "ndjson"
	}
	stats, err := db.Ingest(ctx, f, tidemark.IngestOptions{Format: format, Table: name, Source: path})
	if err == nil && stats.RowsRejected > 0 {
		err = fmt.Errorf("%s: %d rows were rejected, the first because %s", path, stats.RowsRejected, stats.Rejects[0].Reason)
	}
	return err
}

func isJSON(path string) bool { return strings.HasSuffix(path, ".ndjson") }

// generated are the columns of the generator's JSON lines, which leave out
// what is empty.
const generated = "TimeGenerated,Computer,ConfigChangeType,ChangeCategory,FieldsChanged,FileSystemPath,FileContentChecksum,PreviousFileContentChecksum,Size,PreviousSize,DateModified,RegistryKey,ValueName,ValueData,PreviousValueData,SoftwareName,Publisher,Current,Previous,SvcName,SvcDisplayName,SvcState,SvcPreviousState,SvcStartupType,SvcAccount,SourceComputerId,_ResourceId"

func columnsOf(path string) ([]string, error) {
	if isJSON(path) {
		return strings.Split(generated, ","), nil
	}
	rows, err := head(path, 1)
	if err != nil {
		return nil, err
	}
	return rows[0], nil
}

// head reads up to n rows of a CSV file.
func head(path string, n int) ([][]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	c := csv.NewReader(bufio.NewReader(f))
	var rows [][]string
	for range n {
		row, err := c.Read()
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func treeBytes(dir string) (int64, error) {
	var total int64
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			total += info.Size()
		}
		return err
	})
	return total, err
}
