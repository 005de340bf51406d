package export

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"framepilot/pilot"
)

// Row is a result as CLIP_benchmark writes one, so that notebooks made for its
// files read ours: dataset is the site, pretrained the checkpoint's hash. What
// CLIP_benchmark has no key for stands beside its keys.
type Row struct {
	Dataset    string             `json:"dataset"`
	Model      string             `json:"model"`
	Pretrained string             `json:"pretrained"`
	Task       string             `json:"task"`
	Metrics    map[string]float64 `json:"metrics"`
	Language   string             `json:"language"`

	Recipe    string `json:"recipe"`
	Run       string `json:"run"`
	TrainSite string `json:"train_dataset,omitempty"`
	Shots     int    `json:"fewshot_k,omitempty"`
	Draw      int    `json:"draw,omitempty"`
}

// Rows are the results of a run.
func Rows(rec pilot.Record) []Row {
	var rows []Row
	for _, r := range rec.Results {
		row := Row{
			Dataset: r.Site, Model: rec.Run.Params["model"], Pretrained: rec.Run.Params["model_sha256"], Task: task(r),
			Metrics: map[string]float64{}, Language: "en", Recipe: r.Recipe(), Run: rec.Run.ID,
			TrainSite: r.TrainSite, Shots: r.Shots, Draw: r.Draw,
		}
		for _, m := range r.Metrics {
			row.Metrics[metricName(m.Name)] = m.Value
			if m.HasInterval {
				row.Metrics[metricName(m.Name)+"_low"], row.Metrics[metricName(m.Name)+"_high"] = m.Low, m.High
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// task is CLIP_benchmark's word for what was done, or the method's name where
// it has none.
func task(r pilot.Result) string {
	switch {
	case r.Task == pilot.Retrieval:
		return "zeroshot_retrieval"
	case r.Method == pilot.ZeroShot:
		return "zeroshot_classification"
	case r.Method == "logistic":
		return "linear_probe"
	}
	return r.Method
}

// metricName is CLIP_benchmark's name of a metric, or ours where it has none.
// Its images are our videos.
func metricName(name string) string {
	switch name {
	case "top1":
		return "acc1"
	case "top5":
		return "acc5"
	case "macro_recall":
		return "mean_per_class_recall"
	}
	if k, ok := strings.CutPrefix(name, "text_to_video_r"); ok {
		return "image_retrieval_recall@" + k
	}
	if k, ok := strings.CutPrefix(name, "video_to_text_r"); ok {
		return "text_retrieval_recall@" + k
	}
	return name
}

// WriteRows writes the results of a run as JSON, one a line.
func WriteRows(w io.Writer, rec pilot.Record) error {
	e := json.NewEncoder(w)
	for _, row := range Rows(rec) {
		if err := e.Encode(row); err != nil {
			return fmt.Errorf("export results: %w", err)
		}
	}
	return nil
}
