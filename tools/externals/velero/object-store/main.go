// Command object-store is a Velero plugin for backup locations on an S3 server, for the local cluster.
// Velero publishes its own plugins as images only. This one replaces velero.io/aws and has the same
// settings, which Velero's file-system backups read too: region, s3Url, s3ForcePathStyle,
// insecureSkipTLSVerify, and a credentials file in the format of the AWS command line.
package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/sirupsen/logrus"
	"github.com/vmware-tanzu/velero/pkg/plugin/framework"
)

type objectStore struct {
	log    logrus.FieldLogger
	client *minio.Client
}

func main() {
	framework.NewServer().
		RegisterObjectStore("velero.io/aws", func(log logrus.FieldLogger) (any, error) {
			return &objectStore{log: log}, nil
		}).
		Serve()
}

// Init connects to the S3 server in the settings of the location.
func (s *objectStore) Init(config map[string]string) error {
	address, err := url.Parse(config["s3Url"])
	if err != nil || address.Host == "" {
		return fmt.Errorf("config.s3Url is %q: write a URL, such as http://10.0.0.1:7070", config["s3Url"])
	}
	file := config["credentialsFile"]
	if file == "" {
		file = os.Getenv("AWS_SHARED_CREDENTIALS_FILE")
	}
	options := &minio.Options{
		Creds:        credentials.NewFileAWSCredentials(file, config["profile"]),
		Secure:       address.Scheme == "https",
		Region:       config["region"],
		BucketLookup: minio.BucketLookupAuto,
	}
	if config["s3ForcePathStyle"] == "true" {
		options.BucketLookup = minio.BucketLookupPath
	}
	if config["insecureSkipTLSVerify"] == "true" {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
		options.Transport = transport
	}
	s.client, err = minio.New(address.Host, options)
	return err
}

// PutObject writes an object of unknown length.
func (s *objectStore) PutObject(bucket, key string, body io.Reader) error {
	_, err := s.client.PutObject(context.Background(), bucket, key, body, -1, minio.PutObjectOptions{
		PartSize: 16 << 20,
	})
	return err
}

// ObjectExists returns whether an object exists, and an error if the server does not answer.
func (s *objectStore) ObjectExists(bucket, key string) (bool, error) {
	_, err := s.client.StatObject(context.Background(), bucket, key, minio.StatObjectOptions{})
	if err != nil && minio.ToErrorResponse(err).StatusCode == http.StatusNotFound {
		return false, nil
	}
	return err == nil, err
}

// GetObject opens an object. It returns an error if the object does not exist.
func (s *objectStore) GetObject(bucket, key string) (io.ReadCloser, error) {
	object, err := s.client.GetObject(context.Background(), bucket, key, minio.GetObjectOptions{})
	if err != nil {
		return nil, err
	}
	if _, err := object.Stat(); err != nil {
		object.Close()
		return nil, err
	}
	return object, nil
}

// ListCommonPrefixes lists the folders directly below a prefix, each with a slash at the end.
func (s *objectStore) ListCommonPrefixes(bucket, prefix, delimiter string) ([]string, error) {
	if delimiter != "/" {
		return nil, fmt.Errorf("the delimiter %q is not supported: it must be a slash", delimiter)
	}
	keys, err := s.list(bucket, prefix, false)
	var folders []string
	for _, key := range keys {
		if strings.HasSuffix(key, delimiter) {
			folders = append(folders, key)
		}
	}
	return folders, err
}

// ListObjects lists all keys that begin with a prefix.
func (s *objectStore) ListObjects(bucket, prefix string) ([]string, error) {
	return s.list(bucket, prefix, true)
}

// DeleteObject deletes an object. It returns no error if the object does not exist.
func (s *objectStore) DeleteObject(bucket, key string) error {
	return s.client.RemoveObject(context.Background(), bucket, key, minio.RemoveObjectOptions{})
}

// CreateSignedURL returns a URL with which a client without credentials can read an object until it expires.
func (s *objectStore) CreateSignedURL(bucket, key string, ttl time.Duration) (string, error) {
	signed, err := s.client.PresignedGetObject(context.Background(), bucket, key, ttl, nil)
	if err != nil {
		return "", err
	}
	return signed.String(), nil
}

func (s *objectStore) list(bucket, prefix string, all bool) ([]string, error) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var keys []string
	for object := range s.client.ListObjects(ctx, bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: all}) {
		if object.Err != nil {
			return nil, object.Err
		}
		keys = append(keys, object.Key)
	}
	return keys, nil
}
