# What `make demo-aws` shows: training on an instance of an AWS account in a box, from nothing to nothing. Needs root.
set -eu
examples=$(cd "$(dirname "$0")" && pwd)
RUNCTL_HOME=$(mktemp -d)
work=$(mktemp -d)
export RUNCTL_HOME

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() {
    say "\$ $*"
    "$@"
}
clean_up() {
    cd /
    say '$ runctl sandbox down'
    runctl sandbox down
    rm -rf "$RUNCTL_HOME" "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

run runctl sandbox up
eval "$(runctl sandbox env)"

run runctl aws setup --yes
run runctl aws create t3.micro --name demo --volume 5:/mnt/results --wait --yes

say 'The project: a script and a Dockerfile. The base of its image is made on the instance: no registry is needed'
mkdir "$work/digits"
cd "$work/digits"
cp "$examples/digits/train.py" .
echo 'FROM digits' > Dockerfile
runctl aws ssh demo -- sh -s digits numpy scipy sklearn joblib threadpoolctl.py decorator.py \
    < "$examples/make_python_image.sh"
say 'The data: 1,797 digits in S3'
python -c 'import boto3; boto3.client("s3").create_bucket(Bucket="demo")'
runctl aws ssh demo -- zcat /usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz > "$RUNCTL_HOME/digits.csv"
run runctl s3 upload "$RUNCTL_HOME/digits.csv" s3://demo/datasets/digits/

run runctl aws train demo train.py --hyperparams epochz=20 || true
run runctl aws train demo train.py --hyperparams epochs=20,lr=0.002 \
    --data-s3 s3://demo/datasets/digits/ --output-s3 s3://demo/results -- --data data/digits.csv --checkpoint-dir /mnt/results
run runctl aws monitor demo
run runctl aws ssh demo -- ls -l /mnt/results

say 'The instance ends; what it did and made is still known'
run runctl aws terminate demo --yes --wait
run runctl runs show
run runctl runs plot --metric accuracy
run runctl s3 list s3://demo/results --recursive
run runctl aws ebs list
