# mstr-sim plays MicroStrategy and the stores of its passwords, on this machine alone, until Ctrl-C.
# In another terminal paste these lines and then those of a store. The real ones must not come in between:
# begin with  env -i PATH="$PATH" TERM="$TERM" sh  where their variables are set.
export PATH={bin}:"$PATH" MSTR_CONFIG={folder}/config

# What the stores know: {seed}

# aws-sm: AWS Secrets Manager
export MSTR_PROFILE=aws-sm AWS_ENDPOINT_URL={aws-tls} AWS_CA_BUNDLE={folder}/ca.pem AWS_REGION=us-east-1
export AWS_ACCESS_KEY_ID=AKIASIMULATOR0000001 AWS_SECRET_ACCESS_KEY=simulatorSecretKey/0000000000000000000001
mstr get 'aws-sm:prod/mstr#password'
mstr projects

# aws-ssm: AWS SSM Parameter Store
export MSTR_PROFILE=aws-ssm AWS_ENDPOINT_URL={aws-tls} AWS_CA_BUNDLE={folder}/ca.pem AWS_REGION=us-east-1
export AWS_ACCESS_KEY_ID=AKIASIMULATOR0000001 AWS_SECRET_ACCESS_KEY=simulatorSecretKey/0000000000000000000001
mstr get 'aws-ssm:/prod/mstr/password'
mstr projects

# azure-kv: Azure Key Vault
export MSTR_PROFILE=azure-kv AZURE_AUTHORITY_HOST={azure-tls} AZURE_TENANT_ID=sim.onmicrosoft.com
export AZURE_CLIENT_ID=aaaaaaaa-0000-0000-0000-000000000001 AZURE_CLIENT_SECRET='sim-client-secret~1'
mstr get 'azure-kv://corp/mstr#password'
mstr projects

# gcp-sm: Google Secret Manager
export MSTR_PROFILE=gcp-sm GOOGLE_APPLICATION_CREDENTIALS={folder}/google.json
mstr get 'gcp-sm://sim-project/mstr#password'
mstr projects

# vault: HashiCorp Vault and OpenBao
export MSTR_PROFILE=vault VAULT_ADDR={vault-tls} VAULT_CACERT={folder}/ca.pem VAULT_TOKEN=hvs.sim-reader
mstr get 'vault:secret/prod/mstr#password'
mstr projects

# k8s: Kubernetes Secrets
export MSTR_PROFILE=k8s KUBECONFIG={folder}/kubeconfig
mstr get 'k8s://default/mstr#password'
mstr projects

# corp: a store of your own, by the template of its plugin, which is compiled below the working directory
cp -R {template} corp-provider
cmake -S corp-provider -B corp-provider/build -DCMAKE_PREFIX_PATH={prefix} && cmake --build corp-provider/build
export MSTR_PROFILE=corp MSTR_PLUGIN_PATH="$PWD/corp-provider/build"
mstr get 'corp:mstr#password'
mstr projects

# ready; to see more, put doctor in place of get, or look into {folder}/config
