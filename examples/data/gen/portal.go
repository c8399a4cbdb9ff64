package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"time"
)

// portalColumns are the columns of the download, as the Logs page orders them.
var portalColumns = []string{
	"TimeGenerated [UTC]", "Computer", "ConfigChangeType", "ChangeCategory", "SourceComputerId",
	"SoftwareType", "SoftwareName", "Previous", "Current", "Publisher",
	"SvcChangeType", "SvcDisplayName", "SvcName", "SvcState", "SvcPreviousState", "SvcStartupType", "SvcAccount",
	"RegistryKey", "Hive", "ValueName", "ValueData", "PreviousValueData", "ValueType", "PreviousValueType",
	"FileSystemPath", "Size", "PreviousSize", "DateCreated [UTC]", "DateModified [UTC]", "PreviousDateModified [UTC]",
	"Attributes", "FieldsChanged", "FileContentChecksum", "PreviousFileContentChecksum",
	"SourceSystem", "ManagementGroupName", "Type", "_ResourceId",
}

// portal is the rows before the export as the portal's "Export to CSV" writes
// them: a byte order mark, CRLF, and times in American form.
func (c *changes) portal() []byte {
	rows := slices.DeleteFunc(slices.Clone(c.rows), func(r row) bool { return r["TimeGenerated"].(string) >= exported })
	slices.SortStableFunc(rows, byTime)
	b := bytes.NewBufferString("\ufeff")
	w := csv.NewWriter(b)
	w.UseCRLF = true
	cells := make([]string, len(portalColumns))
	copy(cells, portalColumns)
	// Writing to memory cannot fail.
	_ = w.Write(cells)
	for _, r := range rows {
		for i, name := range portalColumns {
			name, utc := bytes.CutSuffix([]byte(name), []byte(" [UTC]"))
			v, ok := r[string(name)]
			switch {
			case !ok:
				cells[i] = ""
			case utc:
				cells[i] = american(v.(string))
			default:
				cells[i] = fmt.Sprint(v)
			}
		}
		_ = w.Write(cells)
	}
	w.Flush()
	return b.Bytes()
}

func american(at string) string {
	t, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		panic(err)
	}
	return t.Format("1/2/2006, 3:04:05.000 PM")
}
